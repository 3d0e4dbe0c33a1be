import { FlowError, isFlowError, release, type Key, type NamedTensors } from '@impflow/core';
import type { NormalizingFlow } from '@impflow/flows';
import { assignVariables, encodeCheckpoint, fit, type FitOptions, type FitStep, type Optimizer, type TrainingState } from '@impflow/training';
import { mean, neg, tensor } from '@tensorflow/tfjs-core';
import type { StepReport } from '../../protocol/trainer.ts';
import { blowUp } from './blow-up.ts';

/** What is trained, and on what. */
export interface TrainingOptions {
  /** The flow and the state pass to the training, which disposes them. */
  readonly flow: NormalizingFlow;
  readonly state: TrainingState;
  readonly optimizer: Optimizer;
  readonly clip?: number;
  readonly key: Key;
  /** Read at every step. */
  readonly learningRate: () => number;
  /** Rows of a step, `[n, 2]` for whatever `n`. */
  readonly batch: (step: number) => Float32Array;
}

/** What else goes into a checkpoint. */
export interface Labels {
  readonly spec: unknown;
  readonly seed: number;
  readonly extra?: unknown;
}

/** A model in training. One call at a time. */
export interface Training {
  /** Steps done. */
  done(): number;
  /**
   * One step.
   *
   * @throws `convergence` where it went wrong: the model is then as it was before that, with the optimiser at its beginning, and can go on.
   * Anything else is the end of this model, and thrown by every call from then on.
   */
  advance(): Promise<StepReport>;
  /** The weights, or all that it takes to go on. */
  encode(part: 'weights' | 'whole', labels: Labels): Promise<Uint8Array>;
  /** Disposes all tensors. */
  close(): Promise<void>;
}

/** Begins to train. @throws `checkpoint` for a state of another model. */
export const training = async ({ flow, state: begun, optimizer, clip, key, learningRate, batch }: TrainingOptions): Promise<Training> => {
  let state = begun;
  /** Runs on a copy of `state` until its first step, on `state` itself from then on. */
  let steps: AsyncGenerator<FitStep, unknown> | undefined;
  /** The last weights whose loss and gradient were right. Those of now are known to be right after the next step only. */
  let proven: NamedTensors | undefined;
  let blown = blowUp();
  let broken: unknown;

  const options = (): FitOptions => ({
    model: flow, state, optimizer, key, steps: Number.MAX_SAFE_INTEGER, learningRate: 1, schedule: learningRate, ...(clip === undefined ? {} : { clipNorm: clip }),
    loss: (rows, k, report) => neg(mean(flow.logProb(rows, { train: true, key: k, report }))),
    batch: (step) => {
      const rows = batch(step);
      return tensor(rows, [rows.length / 2, 2]);
    },
  });
  // The way to have `fit` look at the state without a step.
  release((await fit({ ...options(), steps: 0 }).next()).value);

  /** Back to the last weights that were right. The moments of the optimiser have seen what went wrong, and would remember it for a thousand steps. */
  const stepBack = (step: number): void => {
    steps = undefined;
    release(state);
    if (proven !== undefined) {
      assignVariables(flow.parameters, proven);
      flow.refresh();
    }
    state = { step, optimizer: optimizer.init(flow.parameters), sinceBest: 0 };
    blown = blowUp();
  };

  const advance = async (): Promise<StepReport> => {
    const { step: done } = state;
    const before = copies(flow.parameters);
    let what = `The loss of step ${done + 1} is not a finite number`;
    let cause: unknown;
    try {
      steps ??= fit(options());
      // It has no end of its own.
      const { value: step } = await steps.next() as IteratorYieldResult<FitStep>;
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
    const hint = proven === undefined ? 'Begin anew, or look for extreme values in the data.' : 'The model is back at the weights before that: lower the learning rate, then go on.';
    stepBack(done);
    throw new FlowError('convergence', 'demo/advance', what, { hint, cause });
  };

  /** What was lost once stays lost: whatever is tried then would fail for lesser reasons. */
  const unlessBroken = async <T>(task: () => Promise<T>): Promise<T> => {
    if (broken !== undefined) throw broken;
    return task();
  };

  return {
    done: () => state.step,
    advance: () => unlessBroken(() => advance().catch((error: unknown) => {
      if (!isFlowError(error, 'convergence')) broken = error;
      throw error;
    })),
    encode: (part, labels) => unlessBroken(() => encodeCheckpoint({ ...labels, step: state.step, model: flow, ...(part === 'whole' ? { state } : {}) })),
    close: async () => {
      await steps?.return(undefined);
      release([flow.parameters, flow.buffers, state, proven]);
    },
  };
};

const copies = (tensors: NamedTensors): NamedTensors => Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, x.clone()]));

const reportOf = ({ step, loss, seconds, solves }: FitStep): StepReport => ({
  step, loss, seconds, ...(solves?.forward === undefined ? {} : { solverSteps: solves.forward.steps, unconverged: solves.forward.unconverged }),
});
