import { isFlowError, release } from '@impflow/core';
import type { FlowSpec, NormalizingFlow, Registries } from '@impflow/flows';
import { optimizers, restoreBest, stateFrom, type Optimizer, type TrainingState } from '@impflow/training';
import { SOURCE, builtFrom, optionsOf, planarCheckpoint, type PlanarCheckpoint } from '../from-checkpoint.ts';

/** A model that was trained before, here or on the command line. The caller owns its tensors. */
export interface Restored {
  readonly flow: NormalizingFlow;
  readonly spec: FlowSpec;
  readonly state: TrainingState;
  readonly seed: number;
  readonly optimizer: Optimizer;
  /** Bound on the norm of the gradient, if its run had one. */
  readonly clip?: number;
  /** Whether solver and estimator are those of the file. */
  readonly isOwn?: boolean;
  /** The record in the file; plain JSON. */
  readonly extra?: unknown;
}

/** @throws what a chosen method throws as it is: that is not the fault of the file. */
const built = (checkpoint: PlanarCheckpoint, registries: Registries, isOwn: boolean): NormalizingFlow => {
  try {
    return builtFrom(checkpoint, registries);
  } catch (error) {
    throw !isOwn && isFlowError(error, 'checkpoint') && error.cause instanceof Error ? error.cause : error;
  }
};

/** How a model is solved and trained, whatever its weights are. */
export type Methods = Pick<FlowSpec, 'solver' | 'logDet'>;

const withMethods = ({ solver: _solver, logDet: _logDet, ...rest }: FlowSpec, methods: Methods): FlowSpec => ({
  ...rest,
  ...methods,
});

/**
 * The model of a checkpoint: with its best weights if the run stored them, and with the state of its optimizer if the
 * file has it. `methods` replace those of the file.
 *
 * @throws `checkpoint` if the bytes are not a checkpoint, or not of a flow of two columns; `registry` for a name that a
 * plugin must provide.
 */
export const restored = (bytes: Uint8Array, registries: Registries, methods?: Methods): Restored => {
  const read = planarCheckpoint(bytes);
  const { solver, logDet } = read.spec;
  const isOwn = methods === undefined || JSON.stringify(methods) === JSON.stringify({ solver, logDet });
  const checkpoint = isOwn ? read : { ...read, spec: withMethods(read.spec, methods) };
  const { spec, tensors, training, step, seed, extra } = checkpoint;
  const { optimizer: name, clip } = optionsOf(extra);
  const optimizer = optimizers.create({ name: typeof name === 'string' && optimizers.has(name) ? name : 'adam' });
  const flow = built(checkpoint, registries, isOwn);
  try {
    restoreBest(flow, checkpoint, SOURCE);
    // Only the optimizer's part of the state: this page does not average weights or keep the best.
    const state =
      training === undefined
        ? { step, optimizer: optimizer.init(flow.parameters), sinceBest: 0 }
        : stateFrom(Object.fromEntries(Object.entries(tensors).filter(([path]) => path.startsWith('optimizer.'))), {
            ...training,
            best: undefined,
            sinceBest: 0,
          });
    return {
      flow,
      spec,
      state,
      seed,
      optimizer,
      isOwn,
      ...(typeof clip === 'number' && clip > 0 ? { clip } : {}),
      ...(extra === undefined ? {} : { extra }),
    };
  } catch (error) {
    release([flow.parameters, flow.buffers]);
    throw error;
  }
};
