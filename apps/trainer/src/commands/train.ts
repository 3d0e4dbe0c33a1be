import { FlowError, fold, key as seedKey, release, scoped, unknownName, writeAtomically, type Backend, type Key } from '@impflow/core';
import { buildFlow, type FlowSpec, type NormalizingFlow } from '@impflow/flows';
import { constant, cosine, fit, loadCheckpoint, optimizers, restoreVariables, saveCheckpoint, stateFrom, warmup, type DataParallel, type FitOptions, type FitResult, type TrainingState } from '@impflow/training';
import { tensor2d } from '@tensorflow/tfjs-core';
import { batches, loadRunData, type RunData } from '../dataset/resolve.ts';
import { gaussianLogProbs } from '../measure/gaussian.ts';
import { heldOut, logProbs, type HeldOut } from '../measure/held-out.ts';
import { startBackend } from '../run/backends.ts';
import { chooseBackend, type Seeking } from '../run/choose-backend.ts';
import { conclude } from '../run/conclude.ts';
import { dataKey, sameData } from '../run/data.ts';
import { findPlace, findRun, makeFolder, type RunPaths } from '../run/folder.ts';
import { learnable } from '../run/learnable.ts';
import { recordOf, rebuilt, type RunRecord } from '../run/load.ts';
import { appendMetrics, keepMetrics, metricsLine } from '../run/metrics.ts';
import { pluginSource, withPlugins } from '../run/plugins.ts';
import { provenance } from '../run/provenance.ts';
import { checkTogether, DEFAULTS, newSettings, resumedSettings, stepsOf, type Settings, type TrainOptions } from '../run/settings.ts';
import { specOf } from '../run/spec.ts';
import { sharesItself, startWorkers } from '../run/workers.ts';
import { progress } from '../terminal/progress.ts';
import { number } from '../terminal/table.ts';
import { note, report } from './context.ts';

// Purposes of randomness: part of what makes runs reproducible, so never renumber.
// Number 0 is that of the data, in run/data.ts.
const WEIGHTS = 1;
const BATCHES = 2;
const FIT = 3;

/** Seconds between two saves within a long run; a save also follows each validation. */
const SAVE_EVERY = 30;

/** A run, ready to go: everything checked, and nothing written yet. */
interface Run {
  readonly settings: Settings;
  readonly paths: RunPaths;
  readonly data: RunData;
  readonly spec: FlowSpec;
  readonly flow: NormalizingFlow;
  readonly record: RunRecord;
  readonly state: TrainingState;
  /** What a Gaussian makes of the test rows. */
  readonly gaussian: HeldOut;
}

/** Trains a flow and writes a run folder. Returns the exit code. */
export const train = async (given: TrainOptions, signal: AbortSignal): Promise<number> => {
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  checkTogether(given);
  const run = given.resume === true ? await resumedRun(given, signal) : await newRun(given, signal);
  const { settings, paths, flow, spec, data, record } = run;
  if (data.dequantised.length > 0) note(given, `Whole numbers in ${data.dequantised.join(', ')}: uniform noise in [0, 1) added, so that a density exists.`);
  const save = (state: TrainingState, extra: RunRecord = record): Promise<void> => saveCheckpoint(paths.checkpoint, { spec, seed: settings.seed, extra, model: flow, state });

  if (given.resume !== true) await makeFolder(paths);
  // First of all a checkpoint: from here on the run can be resumed, whatever happens.
  if (given.resume !== true) await save(run.state);
  await writeAtomically(paths.config, new TextEncoder().encode(`${JSON.stringify({ ...record, spec }, null, 2)}\n`));
  await keepMetrics(paths, given.resume === true ? run.state.step : -1);

  const { state, stopped } = await trained(run, given, signal, save);
  release(run.state);
  if (stopped === 'aborted') {
    release(state);
    note(given, `Interrupted after step ${state.step}; saved to ${paths.folder}. Continue with: impflow train --resume --out ${paths.folder}`);
    if (given.json === true) report(given, { run: paths.folder, steps: state.step, seconds: elapsed(), interrupted: true }, () => '');
    return 130;
  }
  if (stopped === 'early-stopping') note(given, `Stopped early, after step ${state.step}: ${settings.patience} validations without a new best.`);
  const { quantiles, json, text } = await conclude({ ...run, state, elapsed });
  await save(state, { ...record, quantiles });
  release(state);
  report(given, json, () => text);
  return 0;
};

/** The loop: progress, metrics, and a save after each validation, every half minute and at the end. The state belongs to the caller. */
const trained = async (run: Run, given: TrainOptions, signal: AbortSignal, save: (state: TrainingState) => Promise<void>): Promise<FitResult> => {
  const { settings: { batch, steps, backend, workers }, spec, paths, state: { step: first } } = run;
  const bar = progress({ total: steps, start: first, quiet: given.quiet ?? false });
  let pending: string[] = [];
  let savedAt = performance.now();
  // The metrics go first: what is in the checkpoint is on record.
  const keep = async (state: TrainingState): Promise<void> => {
    await appendMetrics(paths, pending);
    pending = [];
    await save(state);
    savedAt = performance.now();
  };
  const parallel = await startWorkers(workers ?? 1, { spec, backend, plugin: (given.plugin ?? []).map(pluginSource) });
  const loop = fit(fitOptions(run, signal, parallel));
  try {
    for (;;) {
      const next = await loop.next();
      if (next.done === true) {
        await keep(next.value.state);
        return next.value;
      }
      const { step, loss, validation, solves, state } = next.value;
      pending.push(metricsLine(next.value));
      bar.update({
        step, loss, rows: batch * (step - first),
        ...(validation === undefined ? {} : { heldOut: validation }),
        ...(solves?.forward === undefined ? {} : { solverSteps: solves.forward.steps }),
      });
      if (validation !== undefined || performance.now() - savedAt > 1000 * SAVE_EVERY) await keep(state);
    }
  } finally {
    bar.stop();
    await parallel?.close();
  }
};

const fitOptions = ({ settings, data, flow, spec, state }: Run, signal: AbortSignal, parallel: DataParallel | undefined): FitOptions => {
  const { batch, steps, lr, optimizer, seed, schedule, horizon, validateEvery, clip, ema, patience } = settings;
  const draw = batches(data, batch, fold(seedKey(seed), BATCHES));
  return {
    ...learnable(flow), optimizer: optimizers.create({ name: optimizer }), steps, learningRate: lr, key: fold(seedKey(seed), FIT), signal, state, validateEvery,
    schedule: warmup(settings.warmup, schedule === 'cosine' ? cosine({ steps: Math.max(1, horizon - settings.warmup), floor: 0.01 }) : constant()),
    batch: (step) => tensor2d(draw(step), [batch, spec.dim]),
    validate: () => heldOut(logProbs(flow, data.validation)),
    ...(clip === undefined ? {} : { clipNorm: clip }),
    ...(ema === undefined ? {} : { emaDecay: ema }),
    ...(patience === undefined ? {} : { patience }),
    ...(parallel === undefined ? {} : { parallel }),
  };
};

/** A new run. @throws for whatever can be known to be wrong before training. */
const newRun = async (given: TrainOptions, signal: AbortSignal): Promise<Run> => {
  const registries = await withPlugins(given.plugin);
  for (const [kind, name] of [['solver', given.solver], ['logDet', given.logdet], ['activation', given.activation], ['base', given.base]] as const) {
    if (name !== undefined && !registries[kind].has(name)) throw unknownName('cli', `value of --${kind.toLowerCase()}`, name, registries[kind].names);
  }
  // Before the data are read, which may take long; and again in the end, when the name of the data is known.
  if (given.out !== undefined) await findPlace({ name: '', ...given });
  // Also before the data: a backend that is not there.
  const asked = given.backend === 'auto' ? undefined : await startBackend(given.backend);
  const key = seedKey(given.seed ?? DEFAULTS.seed);
  const data = await loadRunData({ data: given.data!, ...(given.columns === undefined ? {} : { columns: given.columns }) }, dataKey(given.seed ?? DEFAULTS.seed));
  const planned = newSettings(given, data);
  const spec = specOf(planned, data);
  const draw = batches(data, planned.batch, fold(key, BATCHES));
  const backend = asked ?? await pickedBackend({ spec, settings: planned, workers: given.workers ?? 'auto', rows: draw(0) }, given, signal);
  const settings = { ...planned, backend: backend.name, workers: workersOn(backend, planned.workers!, given) };
  const gaussian = heldOut(gaussianLogProbs(data.train, data.test));
  const flow = buildFlow(spec, { key: fold(key, WEIGHTS), registries });
  start(flow, draw(0), fold(key, FIT));
  const record: RunRecord = {
    data: { data: settings.data, ...(given.columns === undefined ? {} : { columns: given.columns }) },
    columns: data.columns, dequantised: data.dequantised, options: settings, provenance: provenance(data),
  };
  const state: TrainingState = { step: 0, optimizer: optimizers.create({ name: settings.optimizer }).init(flow.parameters), sinceBest: 0 };
  return { settings, paths: await findPlace({ name: data.name, ...given }), data, spec, flow, record, state, gaussian };
};

/** The backend that `--backend auto` comes to, started. @throws where the caller interrupts. */
const pickedBackend = async (seeking: Omit<Seeking, 'plugin'>, given: TrainOptions, signal: AbortSignal): Promise<Backend> => {
  const plugin = (given.plugin ?? []).map(pluginSource);
  return startBackend(await chooseBackend({ ...seeking, plugin }, given, signal));
};

/** As many workers as planned, or one where the backend shares the work itself. */
const workersOn = ({ name, capabilities }: Backend, planned: number, given: TrainOptions): number => {
  if (planned === 1 || !sharesItself(capabilities)) return planned;
  const { threads, device } = capabilities;
  if (typeof given.workers === 'number') note(given, `One worker instead of ${given.workers}: ${name} shares each step itself, ${device === 'gpu' ? 'on the graphics card' : `among ${threads} threads`}.`);
  return 1;
};

/** Data-dependent start, and the densities of a batch: what a solver, an estimator or a base density cannot do shows here. @throws `option` where a row has no density. */
const start = (flow: NormalizingFlow, rows: Float32Array, key: Key): void => scoped(() => {
  const first = tensor2d(rows, [rows.length / flow.dim, flow.dim]);
  flow.initialize(first, { train: true });
  const densities = flow.logProb(first, { train: true, key }).dataSync<'float32'>();
  const without = densities.reduce((count, density) => count + (Number.isFinite(density) ? 0 : 1), 0);
  if (without === 0) return;
  throw new FlowError('option', 'cli', `The base density ${flow.base.name} does not fit the data`, {
    expected: 'a finite log-density of every row', got: `none for ${without} of ${densities.length} rows before training`, hint: 'Choose another --base, or look for extreme values.',
  });
});

/** A run that goes on from its checkpoint. @throws for whatever can be known to be wrong before training. */
const resumedRun = async (given: TrainOptions, signal: AbortSignal): Promise<Run> => {
  const registries = await withPlugins(given.plugin);
  const paths = await findRun(given.out!);
  const checkpoint = await loadCheckpoint(paths.checkpoint);
  const before = recordOf(checkpoint, paths.checkpoint);
  const saved = before.options as Settings | undefined;
  if (saved === undefined || before.data === undefined || checkpoint.training === undefined) {
    throw new FlowError('checkpoint', 'cli', `${paths.checkpoint} cannot be resumed`, { expected: 'a model with the state of its training', got: 'a model alone', hint: 'Start a new run.' });
  }
  const planned = resumedSettings(given, saved, paths.folder);
  const asked = planned.backend === 'auto' ? undefined : await startBackend(planned.backend);
  const data = await sameData(before, checkpoint.seed, paths.folder);
  const backend = asked ?? await pickedBackend({
    spec: checkpoint.spec as FlowSpec, settings: planned, workers: planned.workers ?? 1, rows: batches(data, planned.batch, fold(seedKey(planned.seed), BATCHES))(0),
  }, given, signal);
  const kept = { ...planned, backend: backend.name, workers: workersOn(backend, planned.workers ?? 1, given) };
  if (kept.backend !== saved.backend) note(given, `The run was on the backend ${saved.backend}: on ${kept.backend} the last digits differ.`);
  if (kept.workers !== (saved.workers ?? 1)) note(given, `The run had ${saved.workers ?? 1} workers: with ${kept.workers} the last digits differ.`);
  const flow = rebuilt(checkpoint, registries, paths.checkpoint);
  restoreVariables(flow.parameters, checkpoint.tensors, 'parameters', paths.checkpoint);
  restoreVariables(flow.buffers, checkpoint.tensors, 'buffers', paths.checkpoint);
  const state = stateFrom(checkpoint.tensors, checkpoint.training);
  const steps = stepsOf({ ...given, data: kept.data, batch: kept.batch }, data) ?? kept.steps;
  if (steps < state.step) throw new FlowError('option', 'cli', `The run in ${paths.folder} is longer already`, { expected: `at least ${number(state.step)} steps`, got: number(steps), hint: 'Steps count from the start of the run.' });
  if (steps > kept.horizon && kept.schedule === 'cosine') {
    note(given, `The cosine schedule was laid out for ${number(kept.horizon)} steps: the learning rate stays at its floor of 1 % after them.`);
  }
  const settings = { ...kept, steps };
  const gaussian = heldOut(gaussianLogProbs(data.train, data.test));
  return { settings, paths, data, spec: checkpoint.spec as FlowSpec, flow, state, gaussian, record: { ...before, options: settings } };
};
