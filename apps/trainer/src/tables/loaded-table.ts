import { FlowError } from '@impflow/core';
import type { PluginSpec } from '@impflow/flows';
import type { TrainedRecords } from '@impflow/tables';
import type { Checkpoint } from '@impflow/training';
import { runKey } from '@impflow/training';
import {
  drawParts,
  openDensity,
  readTable,
  readPartsAgain,
  trainedDensity,
  type OpenDensity,
  type TableContents,
  type TableParts,
} from 'impflow/run';
import { withPluginHint } from '../plugins/plugin-hint.ts';
import type { AllRegistries } from '../plugins/registries.ts';
import type { RunPaths } from '../run-folder/folder.ts';
import { isSampler, rowsOf } from './rows-of.ts';

/** A trained run on a table. */
export interface LoadedTable extends OpenDensity {
  readonly kind: 'table';
  readonly paths: RunPaths;
  readonly checkpoint: Checkpoint;
  /**
   * All contents of the checkpoint except the model. The checkpoint of an imported model, or of a model from another
   * program, lacks some of these contents.
   */
  readonly contents: Partial<TableContents>;
  /** Functions that evaluate the density on the cells of a table. */
  readonly rows: TrainedRecords;
  readonly registries: AllRegistries;
}

/** Loads a run on a table from its checkpoint. */
export const loadTable = (
  checkpoint: Checkpoint,
  paths: RunPaths,
  registries: AllRegistries,
  logdet?: PluginSpec,
): LoadedTable => {
  const contents = (checkpoint.extra ?? {}) as Partial<TableContents>;
  const opened = withPluginHint(checkpoint, () => openDensity(checkpoint, registries, paths.checkpoint, logdet));
  return { kind: 'table', paths, checkpoint, contents, ...opened, rows: trainedDensity(opened, contents), registries };
};

/**
 * Returns the training, validation and test rows of a run. The rows are read again from the file. For a toy data set,
 * they are drawn again.
 *
 * @throws `option` for a model that does not name its training table; `input` if the cells have changed.
 */
export const partsOfRun = async ({ contents, checkpoint, paths, registries }: LoadedTable): Promise<TableParts> => {
  const { data } = contents;
  if (data === undefined)
    throw new FlowError('option', 'cli', `The checkpoint in ${paths.folder} does not name its data`, {
      hint: 'Name a table with --data.',
    });
  const rows = await rowsOf(data.data, registries);
  if (isSampler(rows)) return drawParts(rows, runKey(checkpoint.seed, 'data'));
  const { validation, test } = data;
  return readPartsAgain(contents as TableContents, checkpoint.seed, paths.folder, () =>
    readTable(rows, {
      ...contents.options,
      ...(validation === undefined ? {} : { validation }),
      ...(test === undefined ? {} : { test }),
    }),
  );
};
