import type { FlowSpec, NormalizingFlow, Registries } from '@impflow/flows';
import type { RecordsSpec } from '@impflow/tables';
import { assertFiniteWeights, restoreBest } from '@impflow/training';
import { dispose } from '@tensorflow/tfjs-core';
import { openDensity, TIGHT, type OpenDensity } from 'impflow/run';
import { opening, planarCheckpoint, SOURCE, type PlanarCheckpoint } from '../checkpoint.ts';

/** The density that the flow of a checkpoint represents. */
export interface Model extends OpenDensity {
  readonly flow: NormalizingFlow;
  /** Spec of the flow, with the estimator that is used for evaluation. */
  readonly spec: FlowSpec;
  /** The spec as it is stored in the checkpoint. */
  readonly stored: RecordsSpec;
  /** Number of training steps after which the weights were saved. */
  readonly step: number;
}

/**
 * Loads the model of a checkpoint. The loaded weights are the best weights if a finished training stored best weights,
 * otherwise the last weights. If `before` has the same spec as the checkpoint, the flow of `before` is reused.
 * Otherwise a new flow is built, and the caller must dispose of `before`. If loading fails, `before` is unchanged.
 *
 * @throws `checkpoint` if the file is not a checkpoint of a density of two columns, `registry` for a name that only a
 * plugin can provide.
 */
export const modelFrom = (bytes: Uint8Array, registries: Registries, before?: Model): Model => {
  const checkpoint = planarCheckpoint(bytes);
  const { spec, training, step } = checkpoint;
  const open =
    before !== undefined && JSON.stringify(before.stored) === JSON.stringify(spec)
      ? reloaded(before, checkpoint)
      : opening(checkpoint, () => openDensity(checkpoint, registries, SOURCE));
  return {
    ...open,
    flow: open.density.flow,
    spec: open.density.spec.flow,
    stored: spec,
    step: training?.best?.step ?? step,
  };
};

/**
 * Loads the weights of a checkpoint into a density that is already built. The result equals the result of `openDensity`
 * of impflow.
 */
const reloaded = ({ density, estimated }: OpenDensity, checkpoint: PlanarCheckpoint): OpenDensity => {
  assertFiniteWeights(checkpoint, SOURCE);
  restoreBest(density.flow, checkpoint, SOURCE);
  if (checkpoint.contents.options !== undefined) density.flow.refresh(TIGHT);
  return { density, estimated };
};

/** Disposes all tensors of a flow. */
export const disposeFlow = ({ parameters, buffers }: Pick<NormalizingFlow, 'parameters' | 'buffers'>): void =>
  dispose([...Object.values(parameters), ...Object.values(buffers)]);
