import { release } from '@impflow/core';
import type { FlowSpec, Registries } from '@impflow/flows';
import type { RecordsSpec } from '@impflow/tables';
import {
  optimizers,
  restoreBest,
  restoreVariables,
  stateFrom,
  type Optimizer,
  type TrainingState,
} from '@impflow/training';
import { buildLearner, methodSpec, methodText, type Learner } from 'impflow/run';
import { opening, planarCheckpoint, SOURCE, whole, type PlanarCheckpoint } from '../checkpoint.ts';

/** A model with the state of its training. The caller owns the tensors. */
export interface Restored {
  readonly learner: Learner;
  readonly spec: RecordsSpec;
  readonly state: TrainingState;
  readonly seed: number;
  readonly optimizer: Optimizer;
  /** Name and options of the optimizer, as a checkpoint stores them. */
  readonly optimizerText: string;
  /** Bound on the norm of the gradient. Absent if the model was trained without a bound. */
  readonly clip?: number;
  /** The contents of the file, if the model was read from a file. */
  readonly file?: PlanarCheckpoint;
  /** Whether the solver and the estimator were taken from the file. */
  readonly isOwn?: boolean;
}

/** The solver and the estimator of a model. Solver and estimator can be replaced without changing the weights. */
export type Methods = Pick<FlowSpec, 'solver' | 'logDet'>;

const withMethods = ({ flow, ...rest }: RecordsSpec, methods: Methods): RecordsSpec => {
  const { solver: _solver, logDet: _logDet, ...kept } = flow;
  return { ...rest, flow: { ...kept, ...methods } };
};

/**
 * Builds the model of a checkpoint. A copy that the page has made (`isCopy`) continues exactly: the model has the last
 * weights, and the state contains the best weights. From any other file the model gets the best weights, if the file
 * contains best weights. If the file contains the state of the optimizer, the state is restored. `methods` replaces the
 * solver and the estimator of the file.
 *
 * @throws `checkpoint` if the bytes are not a checkpoint of a flow of two columns; `registry` for a name that only a
 * plugin can provide. Errors that a solver or an estimator in `methods` causes are thrown unchanged, because these
 * errors do not concern the file.
 */
export const restored = (
  bytes: Uint8Array,
  registries: Registries,
  { isCopy, methods }: { readonly isCopy: boolean; readonly methods?: Methods | undefined },
): Restored => {
  const file = planarCheckpoint(bytes);
  const { tensors, training, step, seed, contents } = file;
  const { solver, logDet } = file.spec.flow;
  const isOwn = methods === undefined || JSON.stringify(methods) === JSON.stringify({ solver, logDet });
  const spec = isOwn ? file.spec : withMethods(file.spec, methods);
  const { optimizer: name, clip } = contents.options ?? {};
  const method = methodSpec('optimizer', name ?? 'adam');
  const known = optimizers.has(method.name) ? method : { name: 'adam' };
  const optimizer = optimizers.create(known);
  const build = (): Learner => buildLearner(spec, { registries });
  const learner = isOwn ? opening(file, build) : whole(build);
  const { model } = learner;
  try {
    if (isCopy) {
      restoreVariables(model.parameters, tensors, 'parameters', SOURCE);
      restoreVariables(model.buffers, tensors, 'buffers', SOURCE);
    } else restoreBest(model, file, SOURCE);
    // From a file that is not a copy of a training of this page, the page restores the optimizer's state and nothing else of the training state. The
    // page does not average weights, and the best weights in the file may belong to other data.
    const state =
      training === undefined
        ? { step, optimizer: optimizer.init(model.parameters), sinceBest: 0 }
        : isCopy
          ? stateFrom(tensors, training)
          : stateFrom(Object.fromEntries(Object.entries(tensors).filter(([path]) => path.startsWith('optimizer.'))), {
              ...training,
              best: undefined,
              sinceBest: 0,
            });
    const optimizerText = methodText(known);
    return {
      learner,
      spec,
      state,
      seed,
      optimizer,
      optimizerText,
      file,
      isOwn,
      ...(clip === undefined ? {} : { clip }),
    };
  } catch (error) {
    release([model.parameters, model.buffers]);
    throw error;
  }
};
