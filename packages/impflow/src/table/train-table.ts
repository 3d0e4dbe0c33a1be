import { release } from '@impflow/core';
import type { Registries } from '@impflow/flows';
import type { RecordFlow, RecordsSpec } from '@impflow/tables';
import { type Checkpoint, type DataParallel, type TrainingState } from '@impflow/training';
import type { TableContents } from '../checkpoint/contents.ts';
import { TIGHT } from '../open-density.ts';
import { FITTED, type Settings } from '../options/settings.ts';
import { disposeModel } from '../train/dispose-model.ts';
import { trainToCheckpoint, type RunOptions, type Trained } from '../train/train-to-checkpoint.ts';
import type { TrainingTask } from '../train/train.ts';
import { batchesOf, type Batches } from './batches.ts';
import type { Learner } from './learner.ts';
import { hasNoise, rowCount, type Part } from './part.ts';
import type { TablePlans } from './plan.ts';
import type { TableParts } from './split.ts';
import { startOfPlan } from './start-of-plan.ts';
import type { TablePlan } from './table-plan.ts';
import { validateOn } from './validation.ts';
import { changedBest, widened } from './widen-base.ts';

/** Options of {@link trainTable}. New workers are started for each plan. */
interface TrainTableOptions extends Omit<RunOptions, 'parallel' | 'contents'> {
  readonly registries: Registries;
  /** Starts the workers of a training. Default: the training has no workers. */
  readonly startWorkers?: ((spec: RecordsSpec, settings: Settings) => Promise<DataParallel | undefined>) | undefined;
  /** All contents of the checkpoint except the options. */
  readonly contents: Omit<TableContents, 'options'>;
}

/** The result of the training of a table. */
export interface TrainedTable extends Trained<Settings> {
  /** The plan that was trained last. */
  readonly plan: TablePlan;
  /** Factor by which the standard deviations of a fitted base were widened. */
  readonly spread?: number;
  /** Number of steps of a first training whose result was dropped. */
  readonly droppedSteps?: number;
}

/**
 * Trains a model of a table by the first plan. If the result is no better than the Gaussian mixture, drops the result
 * and trains by the second plan.
 */
export const trainTable = async (
  parts: TableParts,
  train: Part,
  plans: TablePlans,
  options: TrainTableOptions,
): Promise<TrainedTable> => {
  const first = await trainPlan(parts, train, plans.first, options, plans);
  if (!('next' in first)) return first;
  const second = (await trainPlan(parts, train, first.next, options)) as TrainedTable;
  return { ...second, droppedSteps: first.steps };
};

/**
 * Runs one training. If `plans` is given and returns a second plan after the training, the result of the training is
 * dropped, and the second plan is returned with the number of dropped steps.
 */
const trainPlan = async (
  parts: TableParts,
  train: Part,
  plan: TablePlan,
  options: TrainTableOptions,
  plans?: TablePlans,
): Promise<TrainedTable | { readonly next: TablePlan; readonly steps: number }> => {
  const { settings, spec } = plan;
  const { registries, resume, startWorkers } = options;
  const batches = batchesOf(parts, train, spec, settings);
  const { learner, state: from } = startOfPlan(plan, batches, parts, registries, resume);
  let parallel: DataParallel | undefined;
  try {
    parallel = await startWorkers?.(spec, settings);
    let next: TablePlan | undefined;
    let steps = 0;
    let spread: number | undefined;
    const task = taskOf(parts, plan, learner, batches, plans?.mixtureLoss);
    const trained = await trainToCheckpoint({ spec, settings, task, from }, { ...options, parallel }, async (state) => {
      next = await plans?.second(learner, state);
      ({ step: steps } = state);
      if (next !== undefined) return undefined;
      const end = await widenedEnd(parts, plan, learner, state);
      if (end.spread !== undefined) spread = earlierSpread(resume, state) * end.spread;
      return end.state;
    });
    if (trained === undefined) return { next: next!, steps };
    return { ...trained, plan, ...(spread === undefined ? {} : { spread }) };
  } finally {
    await parallel?.close();
    // Releases the optimizer's slots if the workers could not be started. After a training, the slots are already
    // released.
    release(from);
    disposeModel(learner.model);
  }
};

/** The draws and the round-trip test at the end of a training take about as long as scoring this many rows. */
const OTHERS = 2000;

/**
 * Returns the time of a log-density in the evaluation, relative to its time in a validation. With more than 64 columns,
 * a validation estimates a log-density by one draw, and the evaluation computes it exactly or by eight draws: see
 * `forEvaluation` of package tables, with the times.
 */
const costOf = ({ layout }: RecordFlow): number => {
  const d = layout.numbers.length;
  return d <= 64 ? 1 : d <= 256 ? 16 : 8;
};

const taskOf = (
  { validation, test, sampler }: TableParts,
  { settings }: TablePlan,
  learner: Learner,
  { shape, rowsOfStep }: Batches,
  mixtureLoss: number | undefined,
): TrainingTask => ({
  model: learner.model,
  loss: learner.loss,
  shape,
  rowsOfStep,
  validate: validateOn(learner.density, validation),
  // Before the first step, the density of the flow is the density of the fitted mixture. The first validation records
  // the mixture as the best model so far.
  validateFirst: settings.base === FITTED,
  stopsEarly: sampler === undefined,
  evaluation: (costOf(learner.density) * ((hasNoise(test) ? 2 : 1) * rowCount(test) + OTHERS)) / rowCount(validation),
  givesUp: mixtureLoss === undefined ? undefined : (expected) => expected >= mixtureLoss,
});

/**
 * Returns the factor by which an earlier training widened the base. Returns 1 if the best weights are not the weights
 * of an earlier training.
 */
const earlierSpread = (resume: Checkpoint | undefined, { best }: TrainingState): number => {
  const { report } = (resume?.extra ?? {}) as Partial<TableContents>;
  return best !== undefined && best.step === resume?.training?.best?.step ? (report?.spread ?? 1) : 1;
};

/**
 * Returns the state at the end of the training. If the option `base` is `fitted`, the base of the best weights is
 * widened: see `widened`.
 */
const widenedEnd = async (
  { validation }: TableParts,
  { settings }: TablePlan,
  { density, model }: Learner,
  trained: TrainingState,
): Promise<{ readonly state: TrainingState; readonly spread?: number }> => {
  if (settings.base !== FITTED) return { state: trained };
  const validate = validateOn(density, validation);
  let spread = 1;
  const state = await changedBest(model, trained, async () => {
    model.refresh(TIGHT);
    spread = await widened(density.flow, async () => (await validate()).nats);
  });
  return { state, spread };
};
