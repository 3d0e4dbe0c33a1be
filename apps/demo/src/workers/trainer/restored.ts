import { release } from '@impflow/core';
import type { FlowSpec, Registries } from '@impflow/flows';
import type { RecordsSpec } from '@impflow/tables';
import { optimizers, restoreBest, stateFrom, type Optimizer, type TrainingState } from '@impflow/training';
import { buildLearner, methodSpec, type Learner } from 'impflow/run';
import { opening, planarCheckpoint, SOURCE, whole, type PlanarCheckpoint } from '../checkpoint.ts';

/** A model that was trained before, here or on the command line. The caller owns its tensors. */
export interface Restored {
  readonly learner: Learner;
  readonly spec: RecordsSpec;
  readonly state: TrainingState;
  readonly seed: number;
  readonly optimizer: Optimizer;
  /** Bound on the norm of the gradient, if its training had one. */
  readonly clip?: number;
  /** The file, if the model is from one. */
  readonly file?: PlanarCheckpoint;
  /** Whether solver and estimator come from the file. */
  readonly isOwn?: boolean;
}

/** Solver and training of a model, independent of its weights. */
export type Methods = Pick<FlowSpec, 'solver' | 'logDet'>;

const withMethods = ({ flow, ...rest }: RecordsSpec, methods: Methods): RecordsSpec => {
  const { solver: _solver, logDet: _logDet, ...kept } = flow;
  return { ...rest, flow: { ...kept, ...methods } };
};

/**
 * The model of a checkpoint: with its best weights if the training stored them, and with the state of its optimizer if
 * the file has it. `methods` replace the methods of the file.
 *
 * @throws `checkpoint` if the bytes are not a checkpoint, or not of a flow of two columns; `registry` for a name that a
 * plugin must provide; the errors of a chosen method unchanged, because they are not the fault of the file.
 */
export const restored = (bytes: Uint8Array, registries: Registries, methods?: Methods): Restored => {
  const file = planarCheckpoint(bytes);
  const { tensors, training, step, seed, contents } = file;
  const { solver, logDet } = file.spec.flow;
  const isOwn = methods === undefined || JSON.stringify(methods) === JSON.stringify({ solver, logDet });
  const spec = isOwn ? file.spec : withMethods(file.spec, methods);
  const { optimizer: name, clip } = contents.options ?? {};
  const method = methodSpec('optimizer', name ?? 'adam');
  const optimizer = optimizers.create(optimizers.has(method.name) ? method : { name: 'adam' });
  const build = (): Learner => buildLearner(spec, { registries });
  const learner = isOwn ? opening(file, build) : whole(build);
  const { model } = learner;
  try {
    restoreBest(model, file, SOURCE);
    // Only the optimizer's part of the state: this page neither averages weights nor keeps the best weights.
    const state =
      training === undefined
        ? { step, optimizer: optimizer.init(model.parameters), sinceBest: 0 }
        : stateFrom(Object.fromEntries(Object.entries(tensors).filter(([path]) => path.startsWith('optimizer.'))), {
            ...training,
            best: undefined,
            sinceBest: 0,
          });
    return { learner, spec, state, seed, optimizer, file, isOwn, ...(clip === undefined ? {} : { clip }) };
  } catch (error) {
    release([model.parameters, model.buffers]);
    throw error;
  }
};
