import { assertNode, FlowError, isFlowError, problemOf } from '@impflow/core';
import { buildFlow, builtInRegistries, type FlowSpec, type NormalizingFlow, type Registries } from '@impflow/flows';
import { assertFiniteWeights, loadCheckpoint, restoreBest, type Checkpoint } from '@impflow/training';
import type { RecordsSpec } from '../columns/spec.ts';
import { assertRecordsSpec } from './assert-records-spec.ts';
import { forEvaluation } from './estimated.ts';
import { recordsOfRun } from './records-of-run.ts';
import { runContents } from './run-contents.ts';
import type { TrainedRecords } from './trained-records.ts';

/** Options of {@link loadRun} and {@link recordsFromCheckpoint}. */
export interface LoadRunOptions {
  /** Registries with the plugins that the run was made with. Default: the built-in ones. */
  readonly registries?: Registries;
}

/** A trained run on a table. */
export interface RecordsRun extends TrainedRecords {
  /** What the file of the run holds: steps, seed, options, provenance. */
  readonly checkpoint: Checkpoint;
}

const CHECKPOINT = 'checkpoint.safetensors';
/** Tolerance of the Lipschitz caps for figures that are reported, as in the command line. */
const TOLERANCE = 1e-5;

/**
 * Loads a run of the command `impflow train` on a table, with its best weights: the path of the run folder or of its
 * checkpoint (Node). The scores are those of `impflow score`. It needs a started backend, and nothing of the command
 * line. For a browser: {@link recordsFromCheckpoint}.
 *
 * @throws `checkpoint` for a file that cannot be read, or is not of a density of rows or records; `registry` for a name
 * that a plugin must provide; `unsupported` in a browser.
 *
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { buildFlow, toyPreset } from '@impflow/flows';
 * import { loadRun } from '@impflow/tables';
 * import { saveCheckpoint } from '@impflow/training';
 *
 * await wasm().start();
 * // In place of a run of impflow train.
 * const spec = toyPreset({ blocks: 1, hidden: [8] });
 * const extra = { columns: ['length', 'width'] };
 * await saveCheckpoint('run.safetensors', { spec, seed: 0, extra, model: buildFlow(spec) });
 *
 * const run = await loadRun('run.safetensors');
 * console.log(run.score([{ length: 0.5, width: 1 }]).values);
 * ```
 */
export const loadRun = async (run: string, options: LoadRunOptions = {}): Promise<RecordsRun> => {
  assertNode('tables/loadRun', 'Fetch the bytes, and give them to decodeCheckpoint and recordsFromCheckpoint.');
  const { stat } = process.getBuiltinModule('node:fs/promises');
  const { join } = process.getBuiltinModule('node:path');
  const isFolder = await stat(run).then(
    (info) => info.isDirectory(),
    () => false,
  );
  const path = isFolder ? join(run, CHECKPOINT) : run;
  return recordsOf(await loadCheckpoint(path), path, options);
};

/**
 * The run of a checkpoint that was read already: `decodeCheckpoint(bytes)` of `@impflow/training`, also in a browser.
 * See {@link loadRun}.
 *
 * @throws as {@link loadRun}.
 */
export const recordsFromCheckpoint = (checkpoint: Checkpoint, options: LoadRunOptions = {}): RecordsRun =>
  recordsOf(checkpoint, 'The checkpoint', options);

const recordsOf = (
  checkpoint: Checkpoint,
  source: string,
  { registries = builtInRegistries }: LoadRunOptions,
): RecordsRun => {
  const own = specOf(checkpoint, source);
  const isRows = !('flow' in own);
  const contents = runContents(checkpoint.extra, isRows ? own.dim : 0, source);
  const spec = isRows ? forEvaluation(own) : { ...own, flow: forEvaluation(own.flow) };
  const flow = built(spec, source, registries);
  restoreBest(flow, checkpoint, source);
  assertFiniteWeights(checkpoint, source);
  const { data, provenance } = (checkpoint.extra ?? {}) as {
    readonly data?: unknown;
    readonly provenance?: { readonly rows?: { readonly test?: number } };
  };
  // An imported model has no data, and keeps its published weights, even if norms exceed its caps.
  if (data !== undefined) flow.refresh({ tolerance: TOLERANCE });
  return { ...recordsOfRun({ spec, flow, contents, heldOutRows: provenance?.rows?.test }, registries), checkpoint };
};

/** @throws `checkpoint` for a model of images, and for what is no spec. */
const specOf = ({ spec }: Checkpoint, source: string): RecordsSpec | FlowSpec => {
  const { kind, shape, dim, blocks, columns, flow } = (spec ?? {}) as Partial<RecordsSpec & FlowSpec>;
  if (kind === 'records' && Array.isArray(columns) && typeof flow === 'object' && flow !== null)
    return spec as RecordsSpec;
  if (kind === undefined && shape?.length !== 3 && Number.isSafeInteger(dim) && Array.isArray(blocks))
    return spec as FlowSpec;
  throw new FlowError('checkpoint', 'tables/loadRun', `${source} is of another kind`, {
    expected: 'a density of the rows of a table',
    got:
      (kind as string | undefined) === 'classifier'
        ? 'a classifier of images'
        : shape?.length === 3
          ? 'a density of images'
          : 'another spec',
    hint: 'Load it with loadCheckpoint of @impflow/training.',
  });
};

const built = (spec: RecordsSpec | FlowSpec, source: string, registries: Registries): NormalizingFlow => {
  try {
    if (!('flow' in spec)) return buildFlow(spec, { registries });
    assertRecordsSpec(spec);
    return buildFlow(spec.flow, { registries });
  } catch (cause) {
    if (isFlowError(cause, 'registry'))
      throw new FlowError('registry', 'tables/loadRun', `${source} needs what is not there: ${problemOf(cause)}`, {
        cause,
        hint: 'If a plugin provides it, set the option registries.',
      });
    throw new FlowError('checkpoint', 'tables/loadRun', `${source}: the spec inside describes no model`, {
      cause,
      got: problemOf(cause),
      hint: 'Give a checkpoint that impflow train wrote.',
    });
  }
};
