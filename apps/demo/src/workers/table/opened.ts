import { builtInRegistries } from '@impflow/flows';
import { readingFor, type Frame, type TrainedRecords } from '@impflow/tables';
import { decodeCheckpoint, type Checkpoint } from '@impflow/training';
import type { Model } from 'impflow';
import {
  checkedCheckpoint,
  openDensity,
  openModel,
  trainedDensity,
  type OpenDensity,
  type TableContents,
} from 'impflow/run';
import type { LearnedColumn } from '../../protocol/table.ts';

/** A model that is open in this worker. */
export interface OpenedModel {
  readonly model: Model;
  /** The density of the model, for pictures and for reading rows as the model reads them. */
  readonly trained: TrainedRecords;
  readonly columns: readonly LearnedColumn[];
}

/** Returns a trained model with the parts that this worker needs. */
export const openedModel = (model: Model, opened: OpenDensity, { extra }: Checkpoint): OpenedModel => ({
  model,
  trained: trainedDensity(opened, extra as Partial<TableContents>),
  columns: opened.density.spec.columns.map(({ name, ...column }) => ({
    name,
    kind: column.kind === 'category' ? 'category' : column.date === undefined ? 'number' : 'date',
  })),
});

/**
 * Opens a model that `impflow train` or this page wrote.
 *
 * @throws `checkpoint` for bytes without a finished model of a table; `registry` for a method of a plugin.
 */
export const openBytes = (name: string, bytes: Uint8Array): OpenedModel => {
  const checkpoint = checkedCheckpoint(decodeCheckpoint(bytes, name), name);
  const opened = openDensity(checkpoint, builtInRegistries, name);
  return openedModel(
    openModel(checkpoint, { registries: builtInRegistries, source: name, opened }),
    opened,
    checkpoint,
  );
};

/** Returns which cells of a table the model needs as they are written, as the command line reads them. */
export const categoriesOf = ({ trained }: OpenedModel): readonly string[] =>
  readingFor(trained.density.spec.columns).categories;

/** Returns the columns of a frame that the model knows. */
export const knownColumns = (frame: Frame, { columns }: OpenedModel): Frame => ({
  ...frame,
  columns: frame.columns.filter(({ name }) => columns.some((column) => column.name === name)),
});
