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

/** Name of the file in messages. */
export const SOURCE = 'This file';
const AT = 'demo/open';

/** A checkpoint of a density of two columns, which the page can show and train. */
export interface PlanarCheckpoint extends Checkpoint {
  readonly spec: RecordsSpec;
  /** What impflow stores beside the weights. Empty for a file from another program. */
  readonly contents: Partial<TableContents>;
}

/** @throws `checkpoint` if the bytes are not a checkpoint, or of another kind of model, which the message names. */
export const planarCheckpoint = (bytes: Uint8Array): PlanarCheckpoint => {
  const read = decodeCheckpoint(bytes, SOURCE);
  const got = otherThanPlanar(read.spec);
  if (got !== undefined)
    throw new FlowError('checkpoint', AT, `${SOURCE} does not fit the page`, {
      expected: 'a density of two columns',
      got,
      hint: 'Use the command line: impflow inspect, score, sample.',
    });
  const checkpoint = checkedCheckpoint(read, SOURCE);
  const { extra } = checkpoint;
  // A flow of rows of numbers, such as an imported one.
  const spec = isRecordsSpec(checkpoint.spec)
    ? checkpoint.spec
    : rowsAsRecords(checkpoint.spec as FlowSpec, runContents(extra, 2, SOURCE));
  // The page would confuse its own rows and draws with the rows of the file, which are shifted by the offset.
  const shifted = spec.columns.find(
    (column) => column.kind === 'number' && (column.offset ?? column.date) !== undefined,
  );
  if (shifted === undefined) return { ...checkpoint, spec, contents: (extra ?? {}) as Partial<TableContents> };
  throw new FlowError('checkpoint', AT, `${SOURCE} does not fit the page`, {
    expected: 'a density of two columns of numbers',
    got: `one whose column "${shifted.name}" counts from an offset`,
    hint: 'Use the command line: impflow inspect, score, sample.',
  });
};

/** Name of the model that a spec describes, if it is not a density of two columns. */
const otherThanPlanar = (spec: unknown): string | undefined => {
  if (isClassifierSpec(spec)) return 'a classifier of images';
  if (isImagesSpec(spec)) return `a density of images [${(spec as FlowSpec).shape!.join(', ')}]`;
  const flow = ((isRecordsSpec(spec) ? spec.flow : spec) ?? {}) as Partial<FlowSpec>;
  const { dim, context = 0 } = flow;
  if (typeof dim !== 'number') return 'no flow';
  if (isRecordsSpec(spec) && (spec.tree !== undefined || (dim === 2 && layoutOf(spec).contextSize > 0)))
    return 'one of categories or conditions';
  if (dim !== 2) return `a density of ${dim} ${dim === 1 ? 'column' : 'columns'}`;
  return context > 0
    ? `a density of two columns given ${context} other ${context === 1 ? 'column' : 'columns'}`
    : undefined;
};

/**
 * Builds a model from a checkpoint. If it cannot be built, no tensors are left.
 *
 * @throws `checkpoint` for a spec that does not describe a model; `registry` for a name that a plugin must provide,
 * with that plugin.
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
    // A checkpoint names plugins, but they are not loaded from here: a plugin is code, and runs only when the visitor
    // requests it.
    const hint =
      plugin.length > 0
        ? `The run was made with a plugin, ${plugin.join(', ')}: add that first.`
        : 'If a plugin provides it, add that plugin first.';
    throw new FlowError('registry', AT, problemOf(cause), { cause, hint });
  }
};

/** Builds a model. If that fails, no tensors are left. */
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
