import { FlowError, isFlowError, problemOf, type RefreshOptions } from '@impflow/core';
import type { Offsets, Resolutions } from '@impflow/data';
import type { FlowSpec } from '@impflow/flows';
import { restoreVariables, type Checkpoint } from '@impflow/training';
import type { DataSource, Remembered } from '../dataset/source.ts';
import { checkingOptions } from './checking-options.ts';
import { withEstimator } from './estimator.ts';
import { findRun, type RunPaths } from './folder.ts';
import { buildModel, type RunModel } from './model.ts';
import { pluginSpec } from './plugin-spec.ts';
import type { KnownNames } from './plugins.ts';
import { readCheckpoint } from './read.ts';

/** Tightens every Lipschitz bound before figures that people rely on. */
export const TIGHT: RefreshOptions = { tolerance: 1e-5 };

/** What a run remembers beside its model; plain JSON in the checkpoint. */
export interface RunRecord {
  /** Absent in an imported model. */
  readonly data?: Omit<DataSource, Remembered>;
  /** Of rows; none of images. */
  readonly columns: readonly string[];
  /** Names of the classes of a classifier. */
  readonly classes?: readonly string[];
  /** Columns whose values repeat, and the width of the uniform noise that each got. Files of earlier versions name columns of whole numbers alone. */
  readonly dequantised: Resolutions;
  /** What is subtracted from columns in float64 before they become float32, which is too coarse for them. None in files of earlier versions. */
  readonly offsets?: Offsets;
  /** Whether each row of a table of copies was taken once. */
  readonly distinct?: boolean;
  /** The 1001 quantiles of `log p` over held-out rows or images at the best weights: the scale of percentiles. */
  readonly quantiles?: readonly number[];
  readonly options?: unknown;
  readonly provenance?: unknown;
}

export interface LoadedRun<Model extends RunModel = RunModel> {
  readonly paths: RunPaths;
  readonly checkpoint: Checkpoint;
  readonly record: RunRecord;
  /** With the best weights where the run has some, else the last. */
  readonly learned: Model;
  readonly names: KnownNames;
}

export interface LoadOptions {
  /** Whether log-densities are what the model is loaded for: see {@link withEstimator}. Default false. */
  readonly judging?: boolean;
  /** Another estimator for them. */
  readonly logdet?: string;
}

/**
 * A trained model and what its run remembers. @throws `input` and `checkpoint`, naming the file; `option` for an
 * estimator of a model without log-densities.
 */
export const loadRun = async (run: string, names: KnownNames, { logdet, judging = false }: LoadOptions = {}): Promise<LoadedRun> => {
  const paths = await findRun(run);
  const { checkpoint, record, spec: own } = await readCheckpoint(paths.checkpoint);
  const spec = judging ? withEstimator(own, logdet) : own;
  // Outside of `rebuilt`, which takes an unknown name for one that a plugin brought to the run.
  if (logdet !== undefined) checkingOptions(names, { logDet: pluginSpec('--logdet', logdet) }).logDet.create(pluginSpec('--logdet', logdet));
  const learned = rebuilt(checkpoint, paths.checkpoint, () => buildModel(spec, { registries: names }));
  const { model } = learned;
  const best = checkpoint.training?.best !== undefined;
  restoreVariables(model.parameters, checkpoint.tensors, best ? 'best.parameters' : 'parameters', paths.checkpoint);
  restoreVariables(model.buffers, checkpoint.tensors, best ? 'best.buffers' : 'buffers', paths.checkpoint);
  assertNumbers(checkpoint, best ? 'best.' : '', paths.checkpoint);
  // An imported model stays what its author published, also where its norms exceed its caps: `inspect` shows them.
  if (record.data !== undefined) model.refresh(TIGHT);
  return { paths, checkpoint, learned, record, names };
};

/** @throws `checkpoint` for weights that are not finite: whatever came of them would be no number, or a wrong one. */
const assertNumbers = ({ tensors }: Checkpoint, prefix: string, source: string): void => {
  for (const [name, { dtype, data }] of Object.entries(tensors)) {
    if (!/^F(?:32|64)$/.test(dtype) || !['parameters.', 'buffers.'].some((group) => name.startsWith(`${prefix}${group}`))) continue;
    const wrong = Array.prototype.find.call(data, (value: number) => !Number.isFinite(Math.fround(value))) as number | undefined;
    if (wrong !== undefined) throw new FlowError('checkpoint', 'cli', `${source}: the tensor ${name} holds what is no number`, { expected: 'finite numbers', got: String(wrong), hint: 'The training that wrote it has diverged: take an earlier checkpoint.' });
  }
};

/** What `build` makes of a checkpoint's spec, its parameters still to come. @throws `registry` for a name that a plugin has to bring, saying which. */
export const rebuilt = <T>({ extra }: Pick<Checkpoint, 'extra'>, source: string, build: () => T): T => {
  try {
    return build();
  } catch (cause) {
    if (!isFlowError(cause) || cause.code === 'plugin') throw new FlowError('checkpoint', 'cli', `${source}: the spec inside describes no model`, { cause, ...(isFlowError(cause) ? { got: problemOf(cause) } : {}), hint: 'Give a checkpoint that this program wrote.' });
    if (!isFlowError(cause, 'registry')) throw cause;
    throw lacking(source, (extra as Partial<RunRecord> | undefined) ?? {}, cause);
  }
};

/** A name that a plugin has to bring, and which. Only named, never loaded from here: a plugin is code, and runs when the caller asks for it. */
export const lacking = (source: string, { options }: Pick<RunRecord, 'options'>, cause: FlowError): FlowError => {
  const { plugin = [] } = (options ?? {}) as { readonly plugin?: readonly string[] };
  const hint = plugin.length === 0 ? 'If a plugin brings it, name that with --plugin.' : `The run was made with a plugin: give ${plugin.map((name) => `--plugin ${name}`).join(' ')}`;
  return new FlowError('registry', 'cli', `${source} needs what is not there: ${problemOf(cause)}`, { cause, hint });
};

/** Standard deviations of the training rows, from the model's own scaling; ones where it has none. */
export const scaleOf = ({ blocks, dim }: FlowSpec): readonly number[] =>
  blocks.flatMap((block) => (block.kind === 'standardise' ? [block.scale] : []))[0] ?? Array.from({ length: dim }, () => 1);
