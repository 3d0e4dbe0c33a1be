import { isFlowError, FlowError, type RefreshOptions } from '@impflow/core';
import { buildFlow, type FlowSpec, type NormalizingFlow, type Registries } from '@impflow/flows';
import { loadCheckpoint, restoreVariables, type Checkpoint } from '@impflow/training';
import { findRun, type RunPaths } from './folder.ts';

/** Tightens every Lipschitz bound before figures that people rely on. */
export const TIGHT: RefreshOptions = { tolerance: 1e-5 };

/** What a run remembers beside its model; plain JSON in the checkpoint. */
export interface RunRecord {
  /** Absent in an imported model. */
  readonly data?: { readonly data: string; readonly columns?: readonly string[] };
  readonly columns: readonly string[];
  /** Columns of whole numbers that were given uniform noise. */
  readonly dequantised: readonly string[];
  /** The 1001 quantiles of `log p` over held-out rows at the best weights: the scale of percentiles. */
  readonly quantiles?: readonly number[];
  readonly options?: unknown;
  readonly provenance?: unknown;
}

export interface LoadedRun {
  readonly paths: RunPaths;
  readonly checkpoint: Checkpoint;
  readonly record: RunRecord;
  readonly spec: FlowSpec;
  /** With the best weights where the run has some, else the last. */
  readonly flow: NormalizingFlow;
}

/** A trained model and what its run remembers. @throws `input` and `checkpoint`, naming the file. */
export const loadRun = async (run: string, registries: Registries): Promise<LoadedRun> => {
  const paths = await findRun(run);
  const checkpoint = await loadCheckpoint(paths.checkpoint);
  const flow = rebuilt(checkpoint, registries, paths.checkpoint);
  const best = checkpoint.training?.best !== undefined;
  restoreVariables(flow.parameters, checkpoint.tensors, best ? 'best.parameters' : 'parameters', paths.checkpoint);
  restoreVariables(flow.buffers, checkpoint.tensors, best ? 'best.buffers' : 'buffers', paths.checkpoint);
  const record = recordOf(checkpoint, paths.checkpoint);
  // An imported model stays what its author published, also where its norms exceed its caps: `inspect` shows them.
  if (record.data !== undefined) flow.refresh(TIGHT);
  return { paths, checkpoint, spec: checkpoint.spec as FlowSpec, flow, record };
};

/** What a checkpoint says beside its model, checked as far as commands rely on it. @throws `checkpoint`. */
export const recordOf = ({ spec, extra }: Checkpoint, source: string): RunRecord => {
  const { dim } = spec as FlowSpec;
  const record = { columns: Array.from({ length: dim }, (_, i) => `x${i}`), dequantised: [], ...(extra as Partial<RunRecord> | undefined) };
  const { columns, dequantised, quantiles = [] } = record as { readonly [K in keyof RunRecord]?: unknown };
  const areNames = (value: unknown): boolean => Array.isArray(value) && value.every((name) => typeof name === 'string');
  if (areNames(columns) && record.columns.length === dim && areNames(dequantised) && Array.isArray(quantiles)) return record;
  throw new FlowError('checkpoint', 'cli', `${source}: the names of the columns do not fit the model`, { expected: `${dim} of them`, got: JSON.stringify(columns)?.slice(0, 80) ?? 'none', hint: 'Give a checkpoint that this program wrote.' });
};

/** The flow of a checkpoint's spec, its parameters still to come. @throws `registry` for a name that a plugin has to bring, saying which. */
export const rebuilt = ({ spec, extra }: Checkpoint, registries: Registries, source: string): NormalizingFlow => {
  try {
    return buildFlow(spec as FlowSpec, { registries });
  } catch (cause) {
    if (!isFlowError(cause)) throw new FlowError('checkpoint', 'cli', `${source}: the spec inside describes no flow`, { cause, hint: 'Give a checkpoint that this program wrote.' });
    if (!isFlowError(cause, 'registry')) throw cause;
    const { plugin = [] } = ((extra as Partial<RunRecord> | undefined)?.options ?? {}) as { readonly plugin?: readonly string[] };
    // Only named, never loaded from here: a plugin is code, and runs when the caller asks for it.
    const hint = plugin.length === 0 ? 'If a plugin brings it, name that with --plugin.' : `The run was made with a plugin: give ${plugin.map((name) => `--plugin ${name}`).join(' ')}`;
    throw new FlowError('registry', 'cli', `${source} needs what is not there: ${cause.message.replace(/^\[[^\]]*\] /, '').replace(/\.( Did you mean.*)?$/, '')}`, { cause, hint });
  }
};

/** Standard deviations of the training rows, from the model's own scaling; ones where it has none. */
export const scaleOf = ({ blocks, dim }: FlowSpec): readonly number[] =>
  blocks.flatMap((block) => (block.kind === 'standardise' ? [block.scale] : []))[0] ?? Array.from({ length: dim }, () => 1);
