import { release, scoped } from '@impflow/core';
import type { Registries } from '@impflow/flows';
import type { RecordsSpec } from '@impflow/tables';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  optimizers,
  restoreVariables,
  runKey,
  stateFrom,
  type Checkpoint,
  type DataParallel,
  type TrainingState,
} from '@impflow/training';
import { dispose, tensor } from '@tensorflow/tfjs-core';
import type { TableContents } from '../checkpoint/contents.ts';
import type { OnEvent } from '../events.ts';
import { building, TIGHT } from '../open-density.ts';
import { methodSpec } from '../options/method.ts';
import type { Settings } from '../options/settings.ts';
import { changedBest } from '../train/at-best.ts';
import { tellEarlyEnd } from '../train/early-end.ts';
import { train, type TrainingEnd, type TrainingTask } from '../train/train.ts';
import { sampledBatches, tableBatches, type Batches } from './batches.ts';
import { validateOn } from './densities.ts';
import { buildLearner, startLearner, type Learner } from './learner.ts';
import { startAsMixture } from './mixture.ts';
import type { Part } from './part.ts';
import type { TablePlan, TablePlans } from './plan.ts';
import type { TableParts } from './split.ts';
import { widened } from './spread.ts';

/** How the training of a table runs. */
interface RunTableOptions {
  readonly registries: Registries;
  readonly onEvent: OnEvent;
  readonly signal?: AbortSignal | undefined;
  /** Starts the workers of a training. Default: none. */
  readonly startWorkers?: ((spec: RecordsSpec, settings: Settings) => Promise<DataParallel | undefined>) | undefined;
  /** Seconds that are left of a timed training. */
  readonly secondsLeft: () => number;
  /** Steps after which the training pauses. */
  readonly until?: number | undefined;
  /** Saves a checkpoint. Default: nothing is saved. */
  readonly save?: ((checkpoint: Uint8Array) => Promise<void>) | undefined;
  /** Checkpoint to continue from. Its plan has its own spec and settings. */
  readonly resume?: Checkpoint | undefined;
  /** What the checkpoint stores beside the options. */
  readonly contents: Omit<TableContents, 'options'>;
}

/** The end of the training of a table. */
export interface TrainedTable {
  /** Why it ended. */
  readonly stopped: TrainingEnd['stopped'];
  /** The plan that was trained last. */
  readonly plan: TablePlan;
  /** Its settings with the number of steps. */
  readonly settings: Settings;
  /** Steps taken. */
  readonly step: number;
  /** Best validation. */
  readonly best?: { readonly step: number; readonly nats: number; readonly standardError: number };
  /** Factor of the standard deviations of a fitted base. */
  readonly spread?: number;
  /** Seconds of each step without a validation. */
  readonly stepSeconds: readonly number[];
  /** The checkpoint, with the state of the training. */
  readonly checkpoint: Checkpoint;
}

/** Seconds that a timed training gets at least. */
const LEAST_SECONDS = 1;

/** Trains a table by its plans: the first, and the second if the first does not improve on the mixture. */
export const runTable = async (
  parts: TableParts,
  rows: Part,
  plans: TablePlans,
  options: RunTableOptions,
): Promise<TrainedTable> => {
  const first = await runPlan(parts, rows, plans.first, options, plans.second);
  return 'next' in first ? ((await runPlan(parts, rows, first.next, options)) as TrainedTable) : first;
};

/** One training. `second` returns the plan of the training to make instead, judged by the best weights. */
const runPlan = async (
  parts: TableParts,
  rows: Part,
  plan: TablePlan,
  options: RunTableOptions,
  second?: TablePlans['second'],
): Promise<TrainedTable | { readonly next: TablePlan }> => {
  const { settings, spec } = plan;
  const { seed } = settings;
  const { registries, resume, onEvent, signal, until, save, contents, startWorkers } = options;
  const batches = batchesOf(parts, rows, spec, settings);
  const { learner, state: from } = begin(plan, parts, batches, registries, resume);
  const encoded = (state: TrainingState, steps: Pick<Settings, 'steps' | 'horizon'>): Promise<Uint8Array> =>
    encodeCheckpoint({
      spec,
      seed,
      extra: { ...contents, options: { ...settings, ...steps } },
      model: learner.model,
      state,
    });
  const seconds =
    settings.seconds === undefined || resume !== undefined ? undefined : Math.max(LEAST_SECONDS, options.secondsLeft());
  const parallel = await startWorkers?.(spec, settings);
  try {
    const end = await train(taskOf(parts, plan, learner, batches), settings, {
      key: runKey(seed, 'steps'),
      onEvent,
      signal,
      parallel,
      state: from,
      seconds,
      until,
      ...(save === undefined ? {} : { save: async (state, steps) => save(await encoded(state, steps)) }),
    });
    release(from);
    if (end.stopped !== 'aborted') tellEarlyEnd(end, settings, onEvent);
    const next = end.stopped === 'aborted' ? undefined : await second?.(learner, end.state);
    if (next !== undefined) {
      release(end.state);
      return { next };
    }
    const { state, spread } =
      end.stopped === 'aborted' ? { state: end.state } : await widenedEnd(parts, plan, learner, end.state);
    const length = seconds === undefined || end.stopped === 'aborted' ? {} : { steps: state.step, horizon: state.step };
    const done = { ...settings, ...length };
    const checkpoint = decodeCheckpoint(await encoded(state, done), 'the training');
    const { best } = state;
    release(state);
    return {
      stopped: end.stopped,
      plan,
      settings: done,
      step: checkpoint.step,
      ...(best === undefined ? {} : { best: { step: best.step, nats: best.nats, standardError: best.standardError } }),
      ...(spread === undefined ? {} : { spread }),
      stepSeconds: end.stepSeconds,
      checkpoint,
    };
  } finally {
    await parallel?.close();
    dispose([...Object.values(learner.model.parameters), ...Object.values(learner.model.buffers)]);
  }
};

/** The batches of a training: of its rows, or of its sampler. */
export const batchesOf = (
  { sampler }: TableParts,
  rows: Part,
  spec: RecordsSpec,
  { batch, seed }: Pick<Settings, 'batch' | 'seed'>,
): Batches => {
  const key = runKey(seed, 'batches');
  return sampler === undefined ? tableBatches(spec, rows, batch, key) : sampledBatches(sampler, batch, key);
};

/** The model of a plan with the weights that it begins with, and the state of its training. */
const begin = (
  { spec, settings, start }: TablePlan,
  { validation }: TableParts,
  { shape, rowsOfStep }: Batches,
  registries: Registries,
  resume: Checkpoint | undefined,
): { readonly learner: Learner; readonly state: TrainingState } => {
  const { seed, memory = 'keep', optimizer } = settings;
  if (resume !== undefined) {
    const learner = building('The checkpoint', () => buildLearner(spec, { registries, memory }));
    restoreVariables(learner.model.parameters, resume.tensors, 'parameters');
    restoreVariables(learner.model.buffers, resume.tensors, 'buffers');
    return { learner, state: stateFrom(resume.tensors, resume.training!) };
  }
  const learner = buildLearner(spec, { key: runKey(seed, 'weights'), registries, memory });
  if (start !== undefined) startAsMixture(learner.density, start, validation.values);
  scoped(() => startLearner(learner, tensor(rowsOfStep(0), [...shape]), runKey(seed, 'steps')));
  const slots = optimizers.create(methodSpec('optimizer', optimizer)).init(learner.model.parameters);
  return { learner, state: { step: 0, optimizer: slots, sinceBest: 0 } };
};

const taskOf = (
  { validation, sampler }: TableParts,
  { start }: TablePlan,
  learner: Learner,
  { shape, rowsOfStep }: Batches,
): TrainingTask => ({
  model: learner.model,
  loss: learner.loss,
  shape,
  rowsOfStep,
  validate: validateOn(learner.density, validation),
  // The fitted mixture stays the best unless training improves on it.
  validateFirst: start !== undefined,
  isPatient: sampler === undefined,
});

/** The state with the base of its best weights widened, if it was fitted: see `widened`. */
const widenedEnd = async (
  { validation }: TableParts,
  { start }: TablePlan,
  { density, model }: Learner,
  trained: TrainingState,
): Promise<{ readonly state: TrainingState; readonly spread?: number }> => {
  if (start === undefined) return { state: trained };
  const validate = validateOn(density, validation);
  let spread = 1;
  const state = await changedBest(model, trained, async () => {
    model.refresh(TIGHT);
    spread = await widened(density.flow, async () => (await validate()).nats);
  });
  return { state, spread };
};
