import { assertRecord, FlowError, fold, release, scoped, settle, type NamedTensors } from '@impflow/core';
import { stack, type Tensor } from '@tensorflow/tfjs-core';
import { ema, preserving, withParameters } from './ema.ts';
import { checkOptions, type FitOptions } from './fit-options.ts';
import { clipByNorm, globalNorm, lossGradients } from './gradient.ts';
import { solveTally, type StepMetrics, type Validation } from './metrics.ts';
import { assertSame, cloned } from './records.ts';
import { clonedState, type TrainingState } from './state.ts';

/** The value that {@link fit} yields after each step. */
export interface FitStep extends StepMetrics {
  /** Wall time of the step in seconds, validation included. */
  readonly seconds: number;
  /**
   * State after the step. The state is valid until the next step is requested. After the last step the caller owns the
   * state.
   */
  readonly state: TrainingState;
}

/** Result of a training. */
export interface FitResult {
  /**
   * Why the training ended. `steps`: all steps were made, or `last` returned true. `early-stopping`: `patience` is used
   * up. `aborted`: `signal` was aborted.
   */
  readonly stopped: 'steps' | 'early-stopping' | 'aborted';
  /**
   * Final state. The caller owns the state and must `release` it. The model has the last weights, and `state.best`
   * contains the best weights.
   */
  readonly state: TrainingState;
}

/**
 * Trains `model` and yields after each step. A step computes the gradient, updates the parameters, refreshes the
 * Lipschitz caps and updates the moving average. After some steps, `fit` validates the model. A validation does not
 * change later steps. All randomness is a function of the key and the step. On the same backend, a run resumed from a
 * saved state therefore gives the same bits as an uninterrupted run.
 *
 * @remarks Between two steps no work is pending, and every tensor belongs to the model or to `state`. A program can
 * therefore save a checkpoint after each yield. The event loop runs once per step, so that signals and timers are
 * handled.
 * @throws `convergence` for a loss or gradient that is not finite. The update is then not applied. The model and the
 * last yielded state keep the values from before the step. `option` for wrong options; `checkpoint` for a state of a
 * different model.
 */
export async function* fit(options: FitOptions): AsyncGenerator<FitStep, FitResult> {
  assertRecord('training/fit', 'options', options);
  checkOptions(options);
  const {
    model,
    optimizer,
    steps,
    emaDecay,
    validateEvery = 100,
    validateFirst = false,
    patience = Infinity,
    schedule,
    signal,
  } = options;
  const average = emaDecay === undefined ? undefined : ema({ decay: emaDecay });
  let state = initialState(options);
  /** Whether `state` was yielded. If an error occurs, a state that was not yielded is disposed. */
  let handed = false;
  try {
    if (validateFirst && options.validate !== undefined && state.step === 0 && state.best === undefined)
      ({ state } = await validated(options, options.validate, state));
    for (;;) {
      if (signal?.aborted) return { stopped: 'aborted', state };
      if (state.step >= steps) return { stopped: 'steps', state };
      if (state.sinceBest >= patience) return { stopped: 'early-stopping', state };
      const start = performance.now();
      const learningRate = options.learningRate * (schedule?.(state.step) ?? 1);
      const { gradients, ...measured } = await differentiate(options, state.step);
      const step = state.step + 1;
      state = {
        ...state,
        step,
        optimizer: optimizer.update(gradients, state.optimizer, model.parameters, learningRate),
      };
      handed = false;
      release(gradients);
      model.refresh(options.refresh ?? { tolerance: 1e-3 });
      if (average !== undefined) state = { ...state, ema: average.update(state.ema, model.parameters, step) };
      let verdict: Pick<StepMetrics, 'validation' | 'best'> = {};
      const last = step === steps || options.last?.(step) === true;
      const due = typeof validateEvery === 'number' ? step % validateEvery === 0 : validateEvery(step);
      if (options.validate !== undefined && (due || last)) {
        const outcome = await validated(options, options.validate, state);
        ({ state } = outcome);
        verdict = { validation: outcome.validation, best: outcome.best };
      }
      handed = true;
      yield { step, ...measured, learningRate, ...verdict, seconds: (performance.now() - start) / 1000, state };
      if (last) return { stopped: 'steps', state };
      await turn();
    }
  } catch (error) {
    if (!handed) release(state);
    throw error;
  }
}

/**
 * Runs {@link fit} until the training ends. Calls `onStep` after each step and awaits its promise.
 *
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { key, drawNormal } from '@impflow/core';
 * import { buildFlow, toyPreset } from '@impflow/flows';
 * import { adam, fitToEnd } from '@impflow/training';
 * import { mean, neg } from '@tensorflow/tfjs-core';
 *
 * await wasm().start();
 * const model = buildFlow(toyPreset({ blocks: 1, hidden: [16] }), { key: key(0) });
 * const { stopped } = await fitToEnd({
 *   model, optimizer: adam(), learningRate: 1e-2, steps: 20, key: key(1),
 *   batch: (_step, k) => drawNormal(k, [50, 2]),
 *   loss: (x, k) => neg(mean(model.logProb(x, { train: true, key: k }))),
 * }, ({ step, loss }) => { if (step % 10 === 0) console.log(step, loss); });
 * console.log(stopped);
 * ```
 */
export const fitToEnd = async (
  options: FitOptions,
  onStep: (step: FitStep) => void | Promise<void> = () => {},
): Promise<FitResult> => {
  const steps = fit(options);
  for (;;) {
    const next = await steps.next();
    if (next.done === true) return next.value;
    await onStep(next.value);
  }
};

// Numbers from which the random keys for batches, losses and validations are derived. A changed number would change the
// results of every seed.
const BATCH = 0;
const LOSS = 1;
const VALIDATION = 2;

const initialState = ({ model, optimizer, state }: FitOptions): TrainingState => {
  const fresh = optimizer.init(model.parameters);
  if (state === undefined) return { step: 0, optimizer: fresh, sinceBest: 0 };
  try {
    const slots = `The slots of the optimizer ${optimizer.name} in this state`;
    assertSame('training/fit', slots, state.optimizer.slots, fresh.slots);
    if (state.ema !== undefined)
      assertSame('training/fit', 'The averaged parameters of this state', state.ema, model.parameters);
    if (state.best !== undefined)
      assertSame('training/fit', 'The best parameters of this state', state.best.parameters, model.parameters);
  } finally {
    release(fresh);
  }
  return clonedState(state);
};

/** The result of one validation, with the next state. */
interface ValidationOutcome {
  /** State after the validation. It contains the new best weights, or `sinceBest` has increased by one. */
  readonly state: TrainingState;
  readonly validation: Validation;
  /** Whether the validated weights are the best so far. */
  readonly best: boolean;
}

/**
 * Validates the candidate weights: the moving average, or else the current weights. If the weights are the best so far,
 * a copy is stored in the state. Takes ownership of `state`.
 *
 * @remarks The refresh of the Lipschitz bounds changes the vectors of the power iteration, which are buffers. With a
 * moving average, these vectors are even fitted to the averaged weights. After the validation, the buffers and
 * parameters are therefore restored, so that the later training does not change. A loss that is not finite never counts
 * as the best loss.
 */
const validated = (
  { model, key, tightRefresh = { tolerance: 1e-5 } }: FitOptions,
  validate: NonNullable<FitOptions['validate']>,
  state: TrainingState,
): Promise<ValidationOutcome> => {
  const measure = async (): Promise<ValidationOutcome> => {
    model.refresh(tightRefresh);
    const { nats, standardError } = await validate(fold(fold(key, VALIDATION), state.step));
    const validation = { nats, standardError };
    if (!(Number.isFinite(nats) && nats < (state.best?.nats ?? Infinity)))
      return { state: { ...state, sinceBest: state.sinceBest + 1 }, validation, best: false };
    const best = {
      step: state.step,
      ...validation,
      parameters: cloned(model.parameters),
      buffers: cloned(model.buffers),
    };
    release(state.best);
    return { state: { ...state, best, sinceBest: 0 }, validation, best: true };
  };
  return preserving(model.buffers, () =>
    state.ema === undefined ? measure() : withParameters(model.parameters, state.ema, measure),
  );
};

type Differentiated = Pick<StepMetrics, 'loss' | 'gradientNorm' | 'rows' | 'solves'> & {
  readonly gradients: NamedTensors;
};

const differentiate = async (options: FitOptions, step: number): Promise<Differentiated> => {
  const { batch, clipNorm, key, parallel } = options;
  const tally = solveTally();
  const draw = (): Tensor => batch(step, fold(fold(key, BATCH), step));
  const lossKey = fold(fold(key, LOSS), step);
  const raw =
    parallel === undefined
      ? await settle(() => scoped(() => lossGradients(options, draw(), lossKey, tally.report)))
      : await parallel.gradients(options, draw, lossKey, tally.report);
  const { gradients, numbers } = scoped(() => {
    const { gradients, norm } =
      clipNorm === undefined
        ? { gradients: raw.gradients, norm: globalNorm(raw.gradients) }
        : clipByNorm(raw.gradients, clipNorm);
    return { gradients, numbers: stack([raw.value, norm]) };
  });
  release(raw, gradients);
  const read = await numbers.data();
  const [lossNow, gradientNorm] = [read[0]!, read[1]!];
  numbers.dispose();
  if (!Number.isFinite(lossNow) || !Number.isFinite(gradientNorm)) {
    release(gradients);
    throw new FlowError('convergence', 'training/fit', `Step ${step + 1} is not finite`, {
      expected: 'a finite loss and gradient',
      got: `loss ${lossNow}, gradient norm ${gradientNorm}`,
      hint: 'Lower the learning rate or clip the gradient, or look for extreme or missing values in the data.',
    });
  }
  const solves = tally.summaries();
  return {
    loss: lossNow,
    gradientNorm,
    rows: raw.rows,
    gradients,
    ...(Object.keys(solves).length === 0 ? {} : { solves }),
  };
};

/**
 * Waits for one turn of the event loop, so that pending signals and timers are handled. In a web page, `turn` sends a
 * message to the page itself and waits for it, because browsers delay timers by 4 ms.
 */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else {
      waiting.push(resolve);
      channel ??= openChannel();
      channel.postMessage(undefined, []);
    }
  });

/** Functions that resolve the pending promises of `turn`, in the order of the calls. */
const waiting: (() => void)[] = [];
/**
 * Message channel that all calls of `turn` in this page share. A new channel per call would stay in memory until a
 * garbage collection.
 */
let channel: MessagePort | undefined;

const openChannel = (): MessagePort => {
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener('message', () => waiting.shift()?.());
  port1.start();
  return port2;
};
