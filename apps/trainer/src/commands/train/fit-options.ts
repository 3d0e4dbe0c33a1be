import type { Key } from '@impflow/core';
import {
  constant,
  cosine,
  optimizers,
  warmup,
  type DataParallel,
  type FitOptions,
  type TrainingState,
} from '@impflow/training';
import { tensor } from '@tensorflow/tfjs-core';
import type { Trainee, Plan, Validated } from '../../kinds/plan.ts';
import { FITTED, type Settings } from '../../settings/settings.ts';
import { timedFit, type TimedFit } from './timed-fit.ts';

/** Arguments of one training. */
export interface FitArguments {
  readonly key: Key;
  readonly signal: AbortSignal;
  readonly state?: TrainingState;
  readonly parallel?: DataParallel | undefined;
  readonly onValidation?: (found: Validated) => void;
  /** Set for a timed training. */
  readonly clock?: TimedFit | undefined;
}

/** More steps than a timed training can take. */
const ENDLESS = 2 ** 40;

/** The clock of a training of `seconds`, which starts now. */
export const timedFitFor = (
  { warmup, schedule, validateEvery, patience }: Settings,
  { size }: Pick<Plan, 'size'>,
  seconds: number,
): TimedFit =>
  timedFit({
    seconds,
    warmup,
    validateEvery,
    patient: patience === undefined && size.rows < Infinity,
    schedule: schedule === 'cosine' ? (progress) => cosine({ steps: 1, floor: FLOOR })(progress) : constant(),
  });

/** Lowest learning rate of a cosine schedule, as a share of the initial one. */
const FLOOR = 0.01;

/** The options of `fit` for the settings of a run. */
export const fitOptionsOf = (
  {
    batch,
    steps,
    lr,
    optimizer,
    base,
    schedule,
    warmup: rising,
    horizon,
    validateEvery,
    clip,
    ema,
    patience,
  }: Settings,
  plan: Plan,
  { model: { model, loss }, validate }: Trainee,
  { key, signal, state, parallel, onValidation, clock }: FitArguments,
): FitOptions => {
  const watched = clock?.watched ?? ((validation) => validation);
  return {
    model,
    loss,
    optimizer: optimizers.create({ name: optimizer }),
    learningRate: lr,
    key,
    signal,
    ...(clock === undefined
      ? { steps, validateEvery }
      : { steps: ENDLESS, validateEvery: clock.validateEvery, last: clock.isLast, schedule: clock.schedule }),
    // The fitted mixture stays the best unless training improves on it.
    validateFirst: base === FITTED,
    ...(state === undefined ? {} : { state }),
    ...(clock !== undefined || (schedule === 'constant' && rising === 0)
      ? {}
      : {
          schedule: warmup(
            rising,
            schedule === 'cosine' ? cosine({ steps: Math.max(1, horizon - rising), floor: FLOOR }) : constant(),
          ),
        }),
    batch: (step) => tensor(plan.rowsOfStep(step), [batch, ...plan.shape]),
    validate: watched(async () => {
      const found = await validate(parallel);
      onValidation?.(found);
      return found;
    }),
    ...(clip === undefined ? {} : { clipNorm: clip }),
    ...(ema === undefined ? {} : { emaDecay: ema }),
    ...(patience === undefined ? {} : { patience }),
    ...(parallel === undefined ? {} : { parallel }),
  };
};
