import { FlowError, isFlowError, problemOf } from '@impflow/core';
import type { FlowSpec } from '@impflow/flows';
import { layoutOf, rowsAsRecords, runContents, type RecordsSpec } from '@impflow/tables';
import { decodeCheckpoint, type Checkpoint } from '@impflow/training';
import { dispose, engine } from '@tensorflow/tfjs-core';
import {
  building,
  checkedCheckpoint,
  isClassifierSpec,
  isImagesSpec,
  isRecordsSpec,
  type TableContents,
} from 'impflow/run';
import { OTHER_TABLE } from '../protocol/table.ts';

/** Name of the file in error messages. */
export const SOURCE = 'This file';
const AT = 'demo/open';

/** A checkpoint of a density of two columns. The page can show and train only models of two columns. */
export interface PlanarCheckpoint extends Checkpoint {
  readonly spec: RecordsSpec;
  /**
   * Additional contents of a file that impflow or the page wrote, such as the training options. Empty for a file from
   * another program.
   */
  readonly contents: Partial<TableContents>;
}

/**
 * Decodes a checkpoint of a density of two columns.
 *
 * @throws `checkpoint` if the bytes are not a checkpoint, or if the checkpoint contains another kind of model. For
 * another kind of model, the error message names the kind.
 */
export const planarCheckpoint = (bytes: Uint8Array): PlanarCheckpoint => {
  const read = decodeCheckpoint(bytes, SOURCE);
  const got = otherThanPlanar(read.spec);
  if (got !== undefined)
    throw isRecordsSpec(read.spec)
      ? otherTable(got)
      : new FlowError('checkpoint', AT, `${SOURCE} does not fit the page`, {
          expected: 'a density of two columns',
          got,
          hint: 'Use the command line: impflow inspect, score, sample.',
        });
  const checkpoint = checkedCheckpoint(read, SOURCE);
  const { extra } = checkpoint;
  // A spec without columns describes a flow over plain rows of numbers. Imported flows have a spec without columns.
  const spec = isRecordsSpec(checkpoint.spec)
    ? checkpoint.spec
    : rowsAsRecords(checkpoint.spec as FlowSpec, runContents(extra, 2, SOURCE));
  // A model with a column that has an offset is refused. The model describes values minus the offset, but the page
  // would show the model together with rows from which no offset was subtracted.
  const shifted = spec.columns.find(
    (column) => column.kind === 'number' && (column.offset ?? column.date) !== undefined,
  );
  if (shifted === undefined) return { ...checkpoint, spec, contents: (extra ?? {}) as Partial<TableContents> };
  throw otherTable(`a density whose column "${shifted.name}" has an offset`);
};

/** Returns the error for a model of a table that cannot be shown in a plane. The page then opens it beside the plane. */
const otherTable = (got: string): FlowError => new FlowError('checkpoint', AT, `${SOURCE} ${OTHER_TABLE}`, { got });

/** Returns undefined for a density of two columns, and a description of the model for any other model. */
const otherThanPlanar = (spec: unknown): string | undefined => {
  if (isClassifierSpec(spec)) return 'a classifier of images';
  if (isImagesSpec(spec)) return `a density of images [${(spec as FlowSpec).shape!.join(', ')}]`;
  const flow = ((isRecordsSpec(spec) ? spec.flow : spec) ?? {}) as Partial<FlowSpec>;
  const { dim, context = 0 } = flow;
  if (typeof dim !== 'number') return 'no flow';
  if (isRecordsSpec(spec) && (spec.tree !== undefined || (dim === 2 && layoutOf(spec).contextSize > 0)))
    return 'a density with columns of categories or with given columns';
  if (dim !== 2) return `a density of ${dim} ${dim === 1 ? 'column' : 'columns'}`;
  return context > 0
    ? `a density of two columns given ${context} other ${context === 1 ? 'column' : 'columns'}`
    : undefined;
};

/**
 * Builds a model from a checkpoint. If building fails, all tensors of the model are disposed.
 *
 * @throws `checkpoint` for a spec that does not describe a model; `registry` for a name that only a plugin can provide.
 * The hint of the `registry` error lists the plugins that the file names.
 */
export const opening = <T>({ contents: { program } }: PlanarCheckpoint, build: () => T): T => {
  try {
    return whole(() => building(SOURCE, build));
  } catch (cause) {
    if (isFlowError(cause, 'checkpoint')) throw cause;
    if (!isFlowError(cause, 'registry'))
      throw new FlowError('checkpoint', AT, `${SOURCE}: its spec does not describe a model`, {
        cause,
        hint: 'Open a file that this page or impflow train wrote.',
      });
    const { plugin = [] } = program ?? {};
    // The plugins that a checkpoint names are not loaded automatically. A plugin is code, which runs only if the
    // visitor requests it.
    const hint =
      plugin.length > 0
        ? `The model was trained with the plugin ${plugin.join(', ')}: add this plugin first.`
        : 'If a plugin provides this method, add the plugin first.';
    throw new FlowError('registry', AT, problemOf(cause), { cause, hint });
  }
};

/** Builds a model. If building fails, all tensors of the model are disposed. */
export const whole = <T>(build: () => T): T => {
  const { registeredVariables } = engine().state;
  const before = new Set(Object.keys(registeredVariables));
  try {
    return build();
  } catch (cause) {
    dispose(Object.values(registeredVariables).filter(({ name }) => !before.has(name)));
    throw cause;
  }
};
