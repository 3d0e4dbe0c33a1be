import { isFlowError, FlowError, type RefreshOptions } from '@impflow/core';
import { buildFlow, type FlowSpec, type NormalizingFlow, type Registries } from '@impflow/flows';
import { loadCheckpoint, restoreVariables, type Checkpoint } from '@impflow/training';
import { findRun, type RunPaths } from './folder.ts';

/** Tightens every Lipschitz bound before figures that people rely on. */
export const TIGHT: RefreshOptions = { iterations: 1000, tolerance: 1e-5 };

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
  const spec = checkpoint.spec as FlowSpec;
  const flow = rebuilt(spec, registries, paths.checkpoint);
  const best = checkpoint.training?.best !== undefined;
  restoreVariables(flow.parameters, checkpoint.tensors, best ? 'best.parameters' : 'parameters', paths.checkpoint);
  restoreVariables(flow.buffers, checkpoint.tensors, best ? 'best.buffers' : 'buffers', paths.checkpoint);
  flow.refresh(TIGHT);
  const record = (checkpoint.extra ?? {}) as Partial<RunRecord>;
  return { paths, checkpoint, spec, flow, record: { columns: Array.from({ length: spec.dim }, (_, i) => `x${i}`), dequantised: [], ...record } };
};

const rebuilt = (spec: FlowSpec, registries: Registries, source: string): NormalizingFlow => {
  try {
    return buildFlow(spec, { registries });
  } catch (cause) {
    if (!isFlowError(cause)) throw new FlowError('checkpoint', 'cli', `${source}: the spec inside describes no flow`, { cause, hint: 'Give a checkpoint that this program wrote.' });
    throw isFlowError(cause, 'registry') ? new FlowError('registry', 'cli', `${source}: ${cause.message}`, { cause, hint: 'If a plugin brings it, name that with --plugin.' }) : cause;
  }
};

/** Standard deviations of the training rows, from the model's own scaling; ones where it has none. */
export const scaleOf = ({ blocks, dim }: FlowSpec): readonly number[] =>
  blocks.flatMap((block) => (block.kind === 'standardise' ? [block.scale] : []))[0] ?? Array.from({ length: dim }, () => 1);
