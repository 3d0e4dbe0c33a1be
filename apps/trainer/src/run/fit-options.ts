import type { Key } from '@impflow/core';
import { constant, cosine, optimizers, warmup, type DataParallel, type FitOptions, type TrainingState } from '@impflow/training';
import { tensor } from '@tensorflow/tfjs-core';
import type { Job, Plan, Validated } from '../kinds/plan.ts';
import { byTheClock, type ByTheClock } from './clock.ts';
import { FITTED } from './kind.ts';
import type { Settings } from './settings.ts';

/** What belongs to one training alone. */
export interface FitPlace {
  readonly key: Key;
  readonly signal: AbortSignal;
  readonly state?: TrainingState;
  readonly parallel?: DataParallel | undefined;
  readonly onValidation?: (found: Validated) => void;
  /** Where the training goes by the clock rather than by steps. */
  readonly clock?: ByTheClock | undefined;
}

/** Steps that no training by the clock comes to. */
const ENDLESS = 2 ** 40;

/** The clock of a training of `seconds`. It starts now. */
export const clockFor = ({ warmup, schedule, validateEvery, patience }: Settings, { size }: Pick<Plan, 'size'>, seconds: number): ByTheClock => byTheClock({
  seconds, warmup, validateEvery, patient: patience === undefined && size.rows < Infinity,
  schedule: schedule === 'cosine' ? (progress) => cosine({ steps: 1, floor: FLOOR })(progress) : constant(),
});

/** Lowest learning rate of a cosine schedule, as a share of the first. */
const FLOOR = 0.01;

/** The options of `fit` that the settings of a run come to. */
export const fitOptionsOf = (
  { batch, steps, lr, optimizer, base, schedule, warmup: rising, horizon, validateEvery, clip, ema, patience }: Settings, plan: Plan, { learned, validate }: Job,
  { key, signal, state, parallel, onValidation, clock }: FitPlace,
): FitOptions => {
  const watched = clock?.watched ?? ((validation) => validation);
  return {
    model: learned.model, loss: learned.loss, optimizer: optimizers.create({ name: optimizer }), learningRate: lr, key, signal,
    ...(clock === undefined ? { steps, validateEvery } : { steps: ENDLESS, validateEvery: clock.validateEvery, last: clock.last, schedule: clock.schedule }),
    // Kept unless training improves on it.
    validateFirst: base === FITTED,
    ...(state === undefined ? {} : { state }),
    ...(clock !== undefined || (schedule === 'constant' && rising === 0) ? {} : { schedule: warmup(rising, schedule === 'cosine' ? cosine({ steps: Math.max(1, horizon - rising), floor: FLOOR }) : constant()) }),
    batch: (step) => tensor(plan.batch(step), [batch, ...plan.shape]),
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
