import type { RefreshOptions } from '@impflow/core';
import type { FlowSpec, NormalizingFlow, Registries } from '@impflow/flows';
import { readResolutions, type Resolutions } from '@impflow/tables';
import { restoreBest } from '@impflow/training';
import { dispose } from '@tensorflow/tfjs-core';
import { SOURCE, areNames, builtFrom, planarCheckpoint } from '../from-checkpoint.ts';

/** A flow with the weights of a checkpoint. */
export interface Model {
  readonly flow: NormalizingFlow;
  readonly spec: FlowSpec;
  /** Number of training steps of the weights. */
  readonly step: number;
  /** Names of the two columns, if the checkpoint has them. */
  readonly columns?: readonly string[];
  /** Columns with repeated values: `v` stands for `[v, v + resolution)`. */
  readonly dequantised: Resolutions;
}

/**
 * Tolerance of the caps that the command line uses before it reports figures: with another, the last digits would
 * differ.
 */
const TIGHT: RefreshOptions = { tolerance: 1e-5 };

/**
 * The model of a checkpoint: with its best weights if a finished run of the command line stored them, else the last. If
 * the checkpoint has the same spec, the flow of `before` is reused; otherwise a new flow is built, and the caller still
 * has to dispose of `before`. After an error `before` is unchanged.
 *
 * @throws `checkpoint` if the file is not a checkpoint or not of a density of two columns, `registry` for a name that a
 * plugin must provide.
 */
export const modelFrom = (bytes: Uint8Array, registries: Registries, before?: Model): Model => {
  const checkpoint = planarCheckpoint(bytes);
  const { spec } = checkpoint;
  const same = before !== undefined && JSON.stringify(before.spec) === JSON.stringify(spec);
  const flow = same ? before.flow : builtFrom(checkpoint, registries);
  try {
    restoreBest(flow, checkpoint, SOURCE);
  } catch (error) {
    if (!same) disposeFlow(flow);
    throw error;
  }
  const { data, columns, dequantised } = (checkpoint.extra ?? {}) as {
    readonly data?: unknown;
    readonly columns?: unknown;
    readonly dequantised?: unknown;
  };
  // As the command line does: an imported model without data keeps the published weights.
  if (data !== undefined) flow.refresh(TIGHT);
  const named = areNames(columns) && columns.length === 2;
  return {
    flow,
    spec,
    step: checkpoint.training?.best?.step ?? checkpoint.step,
    ...(named ? { columns } : {}),
    dequantised: (named ? readResolutions(dequantised) : undefined) ?? {},
  };
};

/** Frees all memory of a flow. */
export const disposeFlow = ({ parameters, buffers }: Pick<NormalizingFlow, 'parameters' | 'buffers'>): void =>
  dispose([...Object.values(parameters), ...Object.values(buffers)]);
