import { FlowError, isFlowError, release, type Key, type NamedTensors } from '@impflow/core';
import {
  assignVariables,
  encodeCheckpoint,
  fit,
  type FitOptions,
  type FitStep,
  type Optimizer,
  type TrainingState,
  type Validation,
} from '@impflow/training';
import { tensor } from '@tensorflow/tfjs-core';
import type { Batches, Learner } from 'impflow/run';
import type { CheckpointPart, StepReport } from '../../protocol/trainer.ts';

/** The model, its data and the options of its training. */
interface TrainingOptions {
  /** The training owns the model and the state, and disposes of them. */
  readonly learner: Learner;
  readonly state: TrainingState;
  readonly optimizer: Optimizer;
  readonly clip?: number;
  readonly key: Key;
  /** Returns the learning rate of a step, counted from 0. Called before every training step. */
  readonly learningRate: (step: number) => number;
  /** Returns the batches, which are read before every training step. */
  readonly batches: () => Batches;
  /** Computes the loss of the current weights on the validation rows. */
  readonly validate: () => Promise<Validation>;
  /** Returns whether the weights after a step are validated. */
  readonly isDue: (step: number) => boolean;
}

/** Contents that a checkpoint has in addition to the weights and the training state. */
export interface Labels {
  readonly spec: unknown;
  readonly seed: number;
  readonly extra?: unknown;
}

/** The training of a model. Calls must not overlap. */
export interface Training {
  /** Number of training steps made so far. */
  done(): number;
  /**
   * Makes one training step.
   *
   * @throws `convergence` if the step failed. After this error the last good weights are restored, the optimizer is
   * reset, and training can continue. After any other error the model cannot be used, and every later call throws the
   * same error.
   */
  advance(): Promise<StepReport>;
  /** Sets the weights to those with the lowest validation loss. Without a validation, the weights stay unchanged. */
  takeBest(): Promise<void>;
  /** Encodes a checkpoint. */
  encode(part: CheckpointPart, labels: Labels): Promise<Uint8Array>;
  /** Disposes all tensors. */
  close(): Promise<void>;
}

/** Starts a training. @throws `checkpoint` if the state belongs to another model. */
export const training = async ({
  learner: { model, loss },
  state: begun,
  optimizer,
  clip,
  key,
  learningRate,
  batches,
  validate,
  isDue,
}: TrainingOptions): Promise<Training> => {
  let state = begun;
  /**
   * The current call of `fit`. Before the first step of this call, `fit` works on a copy of `state`. After the first
   * step, `fit` works on `state` itself.
   */
  let steps: AsyncGenerator<FitStep, unknown> | undefined;
  /**
   * The latest weights whose loss and gradient are known to be finite. Whether the current weights are good is known
   * only after the next step.
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
    validate,
    validateEvery: isDue,
    ...(clip === undefined ? {} : { clipNorm: clip }),
    batch: (step) => {
      const { shape, rowsOfStep } = batches();
      return tensor(rowsOfStep(step), [...shape]);
    },
  });
  // With 0 steps, `fit` checks the state without making a step.
  release((await fit({ ...options(), steps: 0 }).next()).value);

  /**
   * Restores the last good weights. The moments of the optimizer are reset, because the bad gradient would influence
   * them for about a thousand steps.
   */
  const stepBack = (step: number): void => {
    steps = undefined;
    const { best, optimizer: moments, ema } = state;
    release([moments, ema]);
    if (proven !== undefined) {
      assignVariables(model.parameters, proven);
      model.refresh();
    }
    state = {
      step,
      optimizer: optimizer.init(model.parameters),
      sinceBest: 0,
      ...(best === undefined ? {} : { best }),
    };
    blown = blowUp();
  };

  const advance = async (): Promise<StepReport> => {
    const { step: done } = state;
    const before = copies(model.parameters);
    let what = `The loss of step ${done + 1} is not a finite number`;
    let cause: unknown;
    try {
      steps ??= fit(options());
      // The generator returns only when it is stopped, so `value` is always a training step here.
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
        : 'The earlier weights of the model are restored: lower the learning rate, then continue.';
    stepBack(done);
    throw new FlowError('convergence', 'demo/advance', what, { hint, cause });
  };

  /**
   * Runs `task`. If an earlier error has made the model unusable, that error is thrown again and `task` is not called.
   */
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
    takeBest: () =>
      unlessBroken(async () => {
        const { best } = state;
        if (best === undefined) return;
        assignVariables(model.parameters, best.parameters);
        assignVariables(model.buffers, best.buffers);
        model.refresh();
      }),
    encode: (part, labels) =>
      unlessBroken(() => {
        const { best: _best, ...withoutBest } = state;
        const kept = part === 'whole' ? { state } : part === 'file' ? { state: withoutBest } : {};
        return encodeCheckpoint({ ...labels, step: state.step, model, ...kept });
      }),
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
 * A loss counts as a blow-up if it exceeds the usual loss by more than this factor times `1 + |usual|`. Random
 * differences between batches are much smaller, because in two dimensions a usual loss is a few nats.
 */
const FAR = 1000;
/** Weight of the newest loss in the moving average, which is the usual loss. */
const NEWEST = 0.1;

/**
 * Returns a function that detects blow-ups in a sequence of losses, for example after a step that was much too long. If
 * the newest loss is far above the usual loss, the function returns the usual loss, otherwise undefined.
 */
const blowUp = (): ((loss: number) => number | undefined) => {
  let usual: number | undefined;
  return (loss) => {
    if (usual !== undefined && loss - usual > FAR * (1 + Math.abs(usual))) return usual;
    usual = usual === undefined ? loss : usual + NEWEST * (loss - usual);
    return undefined;
  };
};
