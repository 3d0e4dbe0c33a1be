import { FlowError, isFlowError, release, type Key, type NamedTensors } from '@impflow/core';
import {
  assignVariables,
  encodeCheckpoint,
  fit,
  type FitOptions,
  type FitStep,
  type Optimizer,
  type TrainingState,
} from '@impflow/training';
import { tensor } from '@tensorflow/tfjs-core';
import type { Batches, Learner } from 'impflow/run';
import type { StepReport } from '../../protocol/trainer.ts';

/** The model to train, and its data. */
interface TrainingOptions {
  /** The training owns the model and the state, and disposes of them. */
  readonly learner: Learner;
  readonly state: TrainingState;
  readonly optimizer: Optimizer;
  readonly clip?: number;
  readonly key: Key;
  /** Read at every step. */
  readonly learningRate: () => number;
  /** Read at every step, too. */
  readonly batches: () => Batches;
}

/** Other content of a checkpoint. */
export interface Labels {
  readonly spec: unknown;
  readonly seed: number;
  readonly extra?: unknown;
}

/** A model in training. Calls must not overlap. */
export interface Training {
  /** Number of steps made. */
  done(): number;
  /**
   * Makes one step.
   *
   * @throws `convergence` if the step went wrong: the model is then as it was before, with the optimizer reset, and can
   * continue. Any other error ends this model, and every later call throws it again.
   */
  advance(): Promise<StepReport>;
  /** The weights, or the whole state needed to continue. */
  encode(part: 'weights' | 'whole', labels: Labels): Promise<Uint8Array>;
  /** Disposes all tensors. */
  close(): Promise<void>;
}

/** Starts a training. @throws `checkpoint` for a state of another model. */
export const training = async ({
  learner: { model, loss },
  state: begun,
  optimizer,
  clip,
  key,
  learningRate,
  batches,
}: TrainingOptions): Promise<Training> => {
  let state = begun;
  /** The running fit. It works on a copy of `state` until its first step, then on `state` itself. */
  let steps: AsyncGenerator<FitStep, unknown> | undefined;
  /**
   * The last weights known to have a finite loss and gradient. The current weights are known only after the next step.
   */
  let proven: NamedTensors | undefined;
  let blown = blowUp();
  let broken: unknown;

  const options = (): FitOptions => ({
    model,
    loss,
    state,
    optimizer,
    key,
    steps: Number.MAX_SAFE_INTEGER,
    learningRate: 1,
    schedule: learningRate,
    ...(clip === undefined ? {} : { clipNorm: clip }),
    batch: (step) => {
      const { shape, rowsOfStep } = batches();
      return tensor(rowsOfStep(step), [...shape]);
    },
  });
  // `fit` then checks the state without making a step.
  release((await fit({ ...options(), steps: 0 }).next()).value);

  /**
   * Restores the last good weights. The moments of the optimizer contain the bad gradient and would keep it for a
   * thousand steps, so they are reset.
   */
  const stepBack = (step: number): void => {
    steps = undefined;
    release(state);
    if (proven !== undefined) {
      assignVariables(model.parameters, proven);
      model.refresh();
    }
    state = { step, optimizer: optimizer.init(model.parameters), sinceBest: 0 };
    blown = blowUp();
  };

  const advance = async (): Promise<StepReport> => {
    const { step: done } = state;
    const before = copies(model.parameters);
    let what = `The loss of step ${done + 1} is not a finite number`;
    let cause: unknown;
    try {
      steps ??= fit(options());
      // The loop ends only when it is stopped.
      const { value: step } = (await steps.next()) as IteratorYieldResult<FitStep>;
      release(state, step.state);
      state = step.state;
      const usual = blown(step.loss);
      if (usual === undefined) {
        release(proven);
        proven = before;
        return reportOf(step);
      }
      what = `The loss of step ${done + 1} jumped from ${usual.toPrecision(3)} to ${step.loss.toPrecision(3)}`;
    } catch (error) {
      cause = error;
    }
    release(before);
    if (cause !== undefined && !isFlowError(cause, 'convergence')) throw cause;
    const hint =
      proven === undefined
        ? 'Start a new training, or look for extreme values in the data.'
        : 'The model is back at the weights before that: lower the learning rate, then continue.';
    stepBack(done);
    throw new FlowError('convergence', 'demo/advance', what, { hint, cause });
  };

  /** A lost model stays lost: later failures would only hide the first reason. */
  const unlessBroken = async <T>(task: () => Promise<T>): Promise<T> => {
    if (broken !== undefined) throw broken;
    return task();
  };

  return {
    done: () => state.step,
    advance: () =>
      unlessBroken(() =>
        advance().catch((error: unknown) => {
          if (!isFlowError(error, 'convergence')) broken = error;
          throw error;
        }),
      ),
    encode: (part, labels) =>
      unlessBroken(() =>
        encodeCheckpoint({ ...labels, step: state.step, model, ...(part === 'whole' ? { state } : {}) }),
      ),
    close: async () => {
      await steps?.return(undefined);
      release([model.parameters, model.buffers, state, proven]);
    },
  };
};

const copies = (tensors: NamedTensors): NamedTensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, x.clone()]));

const reportOf = ({ step, loss, seconds, solves }: FitStep): StepReport => ({
  step,
  loss,
  seconds,
  ...(solves?.forward === undefined
    ? {}
    : { solverSteps: solves.forward.steps, unconverged: solves.forward.unconverged }),
});

/**
 * The batch cannot explain a loss that is above the usual loss by this factor times `1 + |usual|`. In two dimensions
 * usual losses are a few nats.
 */
const FAR = 1000;
/** Weight of the newest loss in the moving average. */
const NEWEST = 0.1;

/**
 * Detects blow-ups in a sequence of losses: returns the usual loss if the newest is far above it, as after a step that
 * was much too long.
 */
const blowUp = (): ((loss: number) => number | undefined) => {
  let usual: number | undefined;
  return (loss) => {
    if (usual !== undefined && loss - usual > FAR * (1 + Math.abs(usual))) return usual;
    usual = usual === undefined ? loss : usual + NEWEST * (loss - usual);
    return undefined;
  };
};
