import {
  FlowError,
  isFlowError,
  release,
  scoped,
  sizeOf,
  unknownName,
  writeAtomically,
  type Backend,
} from '@impflow/core';
import type { PluginSpec } from '@impflow/flows';
import {
  fit,
  optimizers,
  restoreVariables,
  saveCheckpoint,
  stateFrom,
  type DataParallel,
  type FitResult,
  type TrainingState,
} from '@impflow/training';
import { dispose, tensor } from '@tensorflow/tfjs-core';
import { loadRunData } from '../dataset/resolve.ts';
import { planFor, sizeFor } from '../kinds/kinds.ts';
import type { Job, Plan, Validated } from '../kinds/plan.ts';
import { chooseStart } from '../kinds/rows/choose-start.ts';
import { beatsMixture } from '../kinds/rows/rival.ts';
import { quantile } from '../plots/statistics.ts';
import { startBackend } from '../run/backends.ts';
import { checkingOptions, type Chosen } from '../run/checking-options.ts';
import { chooseBackend, type Seeking } from '../run/choose-backend.ts';
import { claimPlace, claimRun, type Claim } from '../run/claim.ts';
import type { ByTheClock } from '../run/clock.ts';
import { conclude } from '../run/conclude.ts';
import { sameData } from '../run/data.ts';
import { clockFor, fitOptionsOf } from '../run/fit-options.ts';
import { findPlace, type RunPaths } from '../run/folder.ts';
import { runKind } from '../run/kind.ts';
import { rebuilt } from '../run/load.ts';
import { appendMetrics, clearMetrics, keepMetrics, metricsLine } from '../run/metrics.ts';
import { kindOfSpec, type FlowModel } from '../run/model.ts';
import { pluginSpec } from '../run/plugin-spec.ts';
import { pluginSource, sourceOf, withPlugins, type KnownNames } from '../run/plugins.ts';
import { provenance } from '../run/provenance.ts';
import { dataKey, fitKey, weightKey } from '../run/purposes.ts';
import { readCheckpoint } from '../run/read.ts';
import { NEEDED } from '../run/record-schema.ts';
import type { RunRecord } from '../run/record.ts';
import { FITTED } from '../run/run-kind.ts';
import {
  checkTogether,
  dataOf,
  DEFAULTS,
  newSettings,
  resumedSettings,
  stepsOf,
  type Settings,
  type TrainOptions,
} from '../run/settings.ts';
import { sharesItself, startWorkers } from '../run/workers.ts';
import { progress } from '../terminal/progress.ts';
import { number } from '../terminal/table.ts';
import { note, report } from './context.ts';

/** Seconds between two saves within a long run; a save also follows each validation. */
const SAVE_EVERY = 30;
/** Seconds of training that a timed run gets at least. */
const LEAST_SECONDS = 1;

/** A checked run before its training. Nothing has been written yet. */
interface Run {
  /** Name of the data, and of the run folder if `--out` is not given. */
  readonly name: string;
  readonly settings: Settings;
  readonly plan: Plan;
  readonly job: Job;
  readonly record: RunRecord;
  readonly state: TrainingState;
  /** The run that replaces this one after its training, unless the training beats it. */
  readonly rival?: { readonly isBeaten: (state: TrainingState) => Promise<boolean>; readonly begin: () => Run };
}

/** A run with its folder. */
interface PlacedRun extends Run {
  readonly paths: RunPaths;
}

/** Trains a model and writes a run folder. Returns the exit code. */
export const train = async (given: TrainOptions, signal: AbortSignal): Promise<number> => {
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  checkTogether(given);
  // A run to resume is read under its lock: otherwise another process might still write its last steps.
  let claim = given.resume === true ? await claimRun(given.out!) : undefined;
  try {
    let run = claim === undefined ? await newRun(given, signal) : await resumedRun(given, claim, signal);
    // A replacing run has the same data. Its remarks on them are not repeated.
    const told = new Set<string>();
    for (;;) {
      for (const remark of run.plan.remarks) if (!told.has(remark)) note(given, remark);
      for (const remark of run.plan.remarks) told.add(remark);
      const { backend, workers = 1, memory = 'keep' } = run.settings;
      const parallel = await startWorkers(workers, {
        spec: run.plan.spec,
        memory,
        backend,
        plugin: (given.plugin ?? []).map(pluginSource),
      });
      try {
        // Claimed when everything is ready, so that an earlier error leaves no folder behind.
        claim ??= await claimPlace({ ...given, name: run.name });
        const end = await written({ ...run, paths: claim.paths }, given, { signal, parallel, elapsed });
        if (typeof end === 'number') return end;
        run = end;
      } finally {
        await parallel?.close();
      }
    }
  } finally {
    claim?.unlock();
  }
};

/** Trains and judges a run and writes its folder. Returns the exit code, or the run that replaces this one. */
const written = async (
  run: PlacedRun,
  given: TrainOptions,
  hands: Pick<Hands, 'signal' | 'parallel' | 'elapsed'>,
): Promise<number | Run> => {
  const { settings, paths, plan, job, record } = run;
  const { spec } = plan;
  // A resumed run counts steps, not seconds.
  const clock =
    given.resume === true || settings.seconds === undefined
      ? undefined
      : clockFor(settings, plan, Math.max(LEAST_SECONDS, settings.seconds - hands.elapsed()));
  let finished = false;
  /**
   * The record after `step` steps. During a timed run it holds the expected number of steps, so that an interrupted run
   * resumes up to there; at the end, the actual number.
   */
  const recordAt = (step: number): RunRecord =>
    clock === undefined
      ? record
      : { ...record, options: { ...settings, ...(finished ? { steps: step, horizon: step } : lengthAt(step, clock)) } };
  const save = (state: TrainingState, extra: Partial<RunRecord> = {}): Promise<void> =>
    saveCheckpoint(paths.checkpoint, {
      spec,
      seed: settings.seed,
      extra: { ...recordAt(state.step), ...extra },
      model: job.learned.model,
      state,
    });
  const configure = (step: number): Promise<void> =>
    writeAtomically(
      paths.config,
      new TextEncoder().encode(`${JSON.stringify({ ...recordAt(step), spec }, null, 2)}\n`),
    );

  if (given.resume === true) {
    const { step } = run.state;
    const steps = await keepMetrics(paths, step);
    if (steps < step)
      note(
        given,
        `${paths.metrics} records ${number(steps)} of the ${number(step)} steps so far: the curves have a gap.`,
      );
  } else {
    // The first checkpoint comes before all else: from here on the run can be resumed.
    await save(run.state);
    await clearMetrics(paths);
  }
  await configure(run.state.step);

  const finish = async (step: number): Promise<void> => {
    finished = true;
    if (clock !== undefined) await configure(step);
  };
  return trainedAndJudged(run, given, { ...hands, save, clock, finish });
};

/** Expected number of steps of a timed run, extrapolated from the steps and the time so far. */
const lengthAt = (step: number, { progress }: ByTheClock): Pick<Settings, 'steps' | 'horizon'> => {
  const steps =
    step === 0 ? DEFAULTS.steps : Math.min(Number.MAX_SAFE_INTEGER, Math.max(step, Math.round(step / progress())));
  return { steps, horizon: steps };
};

interface Hands {
  readonly signal: AbortSignal;
  readonly parallel: DataParallel | undefined;
  readonly clock: ByTheClock | undefined;
  readonly save: (state: TrainingState, extra?: Partial<RunRecord>) => Promise<void>;
  /** Records the final number of steps. */
  readonly finish: (step: number) => Promise<void>;
  readonly elapsed: () => number;
}

/** Trains a run and judges its best weights. Returns the exit code, or the run that replaces this one. */
const trainedAndJudged = async (run: PlacedRun, given: TrainOptions, hands: Hands): Promise<number | Run> => {
  const {
    settings,
    paths,
    plan: { judging },
    job,
  } = run;
  const { parallel, save, elapsed, clock, finish } = hands;
  const { state, stopped, pace } = await trained(run, given, hands);
  release(run.state);
  if (stopped === 'aborted') {
    release(state);
    note(
      given,
      `Interrupted after step ${state.step}; saved to ${paths.folder}. Continue with: impflow train --resume --out ${paths.folder}`,
    );
    if (given.json === true)
      report(given, { run: paths.folder, steps: state.step, seconds: elapsed(), interrupted: true }, () => '');
    return 130;
  }
  if (stopped === 'early-stopping')
    note(given, `Stopped early, after step ${state.step}: ${settings.patience} validations without a new best.`);
  if (stopped === 'steps' && clock !== undefined && clock.progress() < 1)
    note(given, `Stopped early, after step ${state.step}: nearly a third of the time without a new best.`);
  if (run.rival !== undefined && !(await run.rival.isBeaten(state))) {
    release(state);
    dispose([...Object.values(job.learned.model.parameters), ...Object.values(job.learned.model.buffers)]);
    return run.rival.begin();
  }
  await finish(state.step);
  if (judging !== undefined) note(given, judging);
  const { quantiles, json, text } = await conclude(job, { settings, paths, state, elapsed, parallel });
  await save(state, quantiles === undefined ? {} : { quantiles });
  release(state);
  report(given, { ...json, ...pace }, () => text);
  return 0;
};

/** Times of the steps of this call, without those that validated. */
interface Pace {
  /** Median, in seconds. */
  readonly secondsPerStep: number;
  /** Sum, in seconds. */
  readonly trainingSeconds: number;
}

/**
 * Runs the training loop: shows progress, writes metrics, and saves after each validation, every half minute and at the
 * end. The caller owns the returned state.
 *
 * @throws `convergence` if a step is not finite. The message names the step in the checkpoint.
 */
const trained = async (
  run: PlacedRun,
  given: TrainOptions,
  { signal, parallel, save, clock }: Hands,
): Promise<FitResult & { readonly pace?: Pace }> => {
  const {
    settings: { batch, steps },
    plan: { unit },
    paths,
    state: { step: first },
  } = run;
  let latest = first;
  const bar = progress({
    total: clock === undefined ? steps : () => lengthAt(latest, clock).steps,
    start: first,
    unit,
    quiet: given.quiet ?? false,
  });
  let pending: string[] = [];
  let [savedAt, savedStep] = [performance.now(), first];
  // The metrics are written first, so that every step in the checkpoint has its line.
  const keep = async (state: TrainingState): Promise<void> => {
    await appendMetrics(paths, pending);
    pending = [];
    await save(state);
    [savedAt, savedStep] = [performance.now(), state.step];
  };
  let found: Pick<Validated, 'accuracy'> = {};
  /** Seconds of each step without a validation. */
  const seconds: number[] = [];
  const loop = fit(
    fitOptionsOf(run.settings, run.plan, run.job, {
      key: fitKey(run.settings.seed),
      signal,
      parallel,
      clock,
      state: run.state,
      onValidation: ({ accuracy }) => {
        found = accuracy === undefined ? {} : { accuracy };
      },
    }),
  );
  try {
    for (;;) {
      const next = await loop.next();
      if (next.done === true) {
        await keep(next.value.state);
        return {
          ...next.value,
          ...(seconds.length === 0
            ? {}
            : {
                pace: {
                  secondsPerStep: quantile(seconds, 0.5),
                  trainingSeconds: seconds.reduce((sum, s) => sum + s, 0),
                },
              }),
        };
      }
      const { step, loss, validation, solves, state } = next.value;
      latest = step;
      if (validation === undefined) seconds.push(next.value.seconds);
      pending.push(metricsLine(next.value, validation === undefined ? {} : found));
      bar.update({
        step,
        loss,
        rows: batch * (step - first),
        ...(validation === undefined ? {} : { heldOut: validation, ...found }),
        ...(solves?.forward === undefined ? {} : { solverSteps: solves.forward.steps }),
      });
      if (validation !== undefined || performance.now() - savedAt > 1000 * SAVE_EVERY) await keep(state);
    }
  } catch (error) {
    if (!isFlowError(error, 'convergence')) throw error;
    // `FlowError` would format the message again, so the whole message is set afterwards.
    throw Object.assign(new FlowError('convergence', error.at, '', { cause: error }), {
      message: `${error.message} ${paths.checkpoint} holds the model after step ${number(savedStep)}, where it was saved last.`,
    });
  } finally {
    bar.stop();
  }
};

/**
 * Prepares a new run.
 *
 * @throws for every error that can be found before training.
 */
const newRun = async (given: TrainOptions, signal: AbortSignal): Promise<Run> => {
  const known = await withPlugins(given.plugin, given);
  const source = sourceOf(known, dataOf(given));
  const kind = await runKind(given, known);
  const registries = checkingOptions(known, chosenBy(given, known));
  // Checked before the data are read, which may take long, and again below, when the name of the data is known.
  if (given.out !== undefined) await findPlace({ name: '', ...given });
  // Also before the data: an unavailable backend is reported at once.
  const asked = given.backend === 'auto' ? undefined : await startBackend(given.backend, registries.backend);
  const seed = given.seed ?? DEFAULTS.seed;
  const data = await loadRunData(source, dataKey(seed));
  const first = newSettings(given, sizeFor(kind, data));
  const backend = asked ?? (await backendFor(planFor(kind, data, first), first, registries, given, signal));
  await findPlace({ name: data.name, ...given });
  const begin = (planned: Settings): Run => {
    const plan = planFor(kind, data, planned);
    const settings = { ...planned, backend: backend.name, workers: workersOn(backend, planned.workers!, given) };
    const job = plan.build({ key: weightKey(seed), registries, memory: settings.memory ?? 'keep' });
    scoped(() => {
      const first = tensor(plan.batch(0), [settings.batch, ...plan.shape]);
      job.learned.initialize(first);
      job.learned.check(first, fitKey(seed));
    });
    const record: RunRecord = {
      data: dataOf(settings),
      ...plan.record,
      options: settings,
      provenance: provenance(data),
    };
    return {
      name: data.name,
      settings,
      plan,
      job,
      record,
      state: {
        step: 0,
        optimizer: optimizers.create({ name: settings.optimizer }).init(job.learned.model.parameters),
        sinceBest: 0,
      },
    };
  };
  if (first.seconds === undefined || data.kind !== 'table' || data.draw !== undefined) return begin(first);
  const { settings, mixture } = chooseStart(data, given);
  const run = begin(settings);
  if (mixture === undefined) return run;
  return {
    ...run,
    rival: {
      isBeaten: (state) => beatsMixture(run.job.learned as FlowModel, state, data, mixture, given),
      begin: () => begin(mixture),
    },
  };
};

/**
 * The plugins that the options of a new run name.
 *
 * @throws `registry` for an unknown one; `option` for an option that the method does not have.
 */
const chosenBy = (given: TrainOptions, known: KnownNames): Chosen => {
  const spec = (option: 'solver' | 'adjoint' | 'logdet' | 'activation' | 'base' | 'model'): PluginSpec | undefined =>
    given[option] === undefined ? undefined : pluginSpec(`--${option}`, given[option]);
  const chosen = {
    solver: spec('solver'),
    adjoint: spec('adjoint'),
    logDet: spec('logdet'),
    activation: spec('activation'),
    base: spec('base'),
  };
  for (const [kind, plugin] of Object.entries(chosen) as [keyof typeof chosen, PluginSpec | undefined][]) {
    const more = kind === 'base' ? [FITTED] : [];
    if (plugin !== undefined && !known[kind].has(plugin.name) && !more.includes(plugin.name))
      throw unknownName('cli', `value of --${kind.toLowerCase()}`, plugin.name, [...known[kind].names, ...more]);
  }
  // These hold no tensors, so they can be created, and checked, before the data are read. The others are created with
  // the model.
  const checked = checkingOptions(known, chosen);
  for (const kind of ['solver', 'adjoint', 'logDet'] as const)
    if (chosen[kind] !== undefined) checked[kind].create(chosen[kind]);
  return { ...chosen, block: spec('model') };
};

const backendFor = (
  plan: Plan,
  settings: Settings,
  { backend: backends }: Pick<KnownNames, 'backend'>,
  given: TrainOptions,
  signal: AbortSignal,
): Promise<Backend> =>
  pickedBackend(
    { spec: plan.spec, settings, workers: given.workers ?? 'auto', rows: plan.batch(0), backends },
    given,
    signal,
  );

/**
 * Chooses the backend of `--backend auto` and starts it.
 *
 * @throws `AbortError` if the caller interrupts.
 */
const pickedBackend = async (
  seeking: Omit<Seeking, 'plugin'>,
  given: TrainOptions,
  signal: AbortSignal,
): Promise<Backend> => {
  const plugin = (given.plugin ?? []).map(pluginSource);
  return startBackend(await chooseBackend({ ...seeking, plugin }, given, signal), seeking.backends);
};

/** The planned number of workers, or 1 on a backend that shares the work itself. */
const workersOn = ({ name, capabilities }: Backend, planned: number, given: TrainOptions): number => {
  if (planned === 1 || !sharesItself(capabilities)) return planned;
  const { threads, device } = capabilities;
  if (typeof given.workers === 'number')
    note(
      given,
      `One worker instead of ${given.workers}: ${name} shares each step itself, ${device === 'gpu' ? 'on the graphics card' : `among ${threads} threads`}.`,
    );
  return 1;
};

/**
 * Prepares a run that resumes from its checkpoint.
 *
 * @throws for every error that can be found before training.
 */
const resumedRun = async (given: TrainOptions, { paths }: Pick<Claim, 'paths'>, signal: AbortSignal): Promise<Run> => {
  const registries = await withPlugins(given.plugin, given);
  const { checkpoint, spec, record: before } = await readCheckpoint(paths.checkpoint);
  const saved = before.options as Settings | undefined;
  if (saved === undefined || before.data === undefined || checkpoint.training === undefined) {
    throw new FlowError('checkpoint', 'cli', `${paths.checkpoint} cannot be resumed`, {
      expected: 'a model with the state of its training',
      got: 'a model alone',
      hint: 'Start a new run.',
    });
  }
  const missing = NEEDED.find((name) => saved[name] === undefined);
  if (missing !== undefined)
    throw new FlowError('checkpoint', 'cli', `${paths.checkpoint} cannot be resumed`, {
      expected: `the option ${missing} of the run`,
      got: 'none',
      hint: 'Start a new run.',
    });
  const planned = resumedSettings(given, saved, {
    folder: paths.folder,
    dim: sizeOf(spec.shape ?? [(spec as { readonly dim: number }).dim]),
  });
  const asked = planned.backend === 'auto' ? undefined : await startBackend(planned.backend, registries.backend);
  const data = await sameData(before, checkpoint.seed, { folder: paths.folder, names: registries });
  const { rows } = sizeFor(kindOfSpec(spec), data);
  if (planned.batch > rows)
    throw new FlowError('checkpoint', 'cli', `${paths.checkpoint}: the batch of the run is larger than its data`, {
      expected: `at most ${number(rows)}`,
      got: number(planned.batch),
      hint: 'Start a new run.',
    });
  const plan = planFor(kindOfSpec(spec), data, planned, spec);
  const backend =
    asked ??
    (await pickedBackend(
      { spec, settings: planned, workers: planned.workers ?? 1, rows: plan.batch(0), backends: registries.backend },
      given,
      signal,
    ));
  const kept = { ...planned, backend: backend.name, workers: workersOn(backend, planned.workers ?? 1, given) };
  if (kept.backend !== saved.backend)
    note(given, `The run was on the backend ${saved.backend}: on ${kept.backend} the last digits differ.`);
  if (kept.workers !== (saved.workers ?? 1))
    note(given, `The run had ${saved.workers ?? 1} workers: with ${kept.workers} the last digits differ.`);
  const job = rebuilt(checkpoint, paths.checkpoint, () => plan.build({ registries, memory: kept.memory ?? 'keep' }));
  const { model } = job.learned;
  restoreVariables(model.parameters, checkpoint.tensors, 'parameters', paths.checkpoint);
  restoreVariables(model.buffers, checkpoint.tensors, 'buffers', paths.checkpoint);
  const state = stateFrom(checkpoint.tensors, checkpoint.training);
  const steps = stepsOf({ ...given, data: kept.data, batch: kept.batch }, plan.size) ?? kept.steps;
  if (steps < state.step)
    throw new FlowError('option', 'cli', `The run in ${paths.folder} is longer already`, {
      expected: `at least ${number(state.step)} steps`,
      got: number(steps),
      hint: 'Steps count from the start of the run.',
    });
  if (steps > kept.horizon && kept.schedule === 'cosine') {
    note(
      given,
      `The cosine schedule was laid out for ${number(kept.horizon)} steps: the learning rate stays at its floor of 1 % after them.`,
    );
  }
  const settings = { ...kept, steps };
  return { name: data.name, settings, plan, job, state, record: { ...before, options: settings } };
};
