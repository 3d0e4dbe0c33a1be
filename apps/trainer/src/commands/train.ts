import { appendFile, readFile } from 'node:fs/promises';
import { FlowError, fold, key as seedKey, release } from '@impflow/core';
import { writeTable } from '@impflow/data';
import { buildFlow, tabular, toy, type FlowSpec, type NormalizingFlow, type PluginSpec, type PresetOptions } from '@impflow/flows';
import {
  assignVariables, constant, cosine, fit, loadCheckpoint, optimizers, preserving, restoreVariables, saveCheckpoint, stateFrom, warmup, withParameters, writeAtomically,
  type FitStep, type StepMetrics, type TrainingState,
} from '@impflow/training';
import { mean, neg, tensor2d } from '@tensorflow/tfjs-core';
import { batches, loadRunData, type RunData } from '../dataset/resolve.ts';
import { auditLines, auditOf, summaryOf } from '../measure/audit.ts';
import { gaussianLogProbs } from '../measure/gaussian.ts';
import { heldOut, logProbs, type HeldOut } from '../measure/held-out.ts';
import { roundTrip } from '../measure/round-trip.ts';
import { curvesPlot, type CurvePoint } from '../plots/curves.ts';
import { startBackend } from '../run/backends.ts';
import { makeRun, type RunPaths } from '../run/folder.ts';
import { TIGHT, type RunRecord } from '../run/load.ts';
import { densityPicture, drawSamples } from '../run/pictures.ts';
import { withPlugins } from '../run/plugins.ts';
import { provenance } from '../run/provenance.ts';
import { duration } from '../terminal/progress.ts';
import { number, table } from '../terminal/table.ts';
import { note, progressFor, report, type CommonOptions } from './context.ts';

export interface TrainOptions extends CommonOptions {
  readonly data: string;
  readonly columns?: readonly string[];
  readonly preset?: 'toy' | 'tabular';
  readonly model: 'implicit' | 'residual' | 'coupling';
  readonly blocks?: number;
  readonly hidden?: readonly number[];
  readonly activation?: string;
  readonly coeff?: number;
  readonly solver?: string;
  readonly logdet?: string;
  readonly base?: string;
  readonly steps?: number;
  readonly epochs?: number;
  readonly batch: number;
  readonly lr: number;
  readonly optimizer: string;
  readonly schedule: 'constant' | 'cosine';
  readonly warmup: number;
  readonly clip?: number;
  readonly ema?: number;
  readonly patience?: number;
  readonly validateEvery: number;
  readonly powerIterations: number;
  readonly seed: number;
  readonly out?: string;
  readonly resume: boolean;
  readonly force: boolean;
}

// Purposes of randomness: part of what makes runs reproducible, so never renumber.
const DATA = 0;
const WEIGHTS = 1;
const BATCHES = 2;
const FIT = 3;

/** Seconds between two saves within a long run; a save also follows each validation. */
const SAVE_EVERY = 30;

/** Trains a flow and writes a run folder. Returns the exit code. */
export const train = async (given: TrainOptions, signal: AbortSignal): Promise<number> => {
  const registries = await withPlugins(given.plugin);
  const started = performance.now();
  await startBackend(given.backend);
  const options = given.resume && given.out !== undefined ? await resumed(given) : given;
  const key = seedKey(options.seed);
  const data = await loadRunData(options, fold(key, DATA));
  const steps = stepsOf(options, data);
  if (data.dequantised.length > 0) note(options, `Whole numbers in ${data.dequantised.join(', ')}: uniform noise in [0, 1) added, so that a density exists.`);
  const spec = specOf(options, data);
  const flow = buildFlow(spec, { key: fold(key, WEIGHTS), registries });
  const optimizer = optimizers.create({ name: options.optimizer });
  const paths = await makeRun({ name: data.name, force: options.force, resume: options.resume, ...(options.out === undefined ? {} : { out: options.out }) });
  const record: RunRecord = {
    data: { data: options.data, ...(options.columns === undefined ? {} : { columns: options.columns }) },
    columns: data.columns, dequantised: data.dequantised, options: saved(options), provenance: provenance(data),
  };

  let state: TrainingState | undefined;
  if (options.resume) state = await restore(paths, flow, data);
  else {
    const first = tensor2d(batches(data, options.batch, fold(key, BATCHES))(0), [options.batch, spec.dim]);
    flow.initialize(first, { train: true });
    first.dispose();
    await writeAtomically(paths.config, new TextEncoder().encode(`${JSON.stringify({ ...record, spec }, null, 2)}\n`));
    await writeAtomically(paths.metrics, new Uint8Array());
  }
  const startStep = state?.step ?? 0;

  const save = (now: TrainingState, extra: RunRecord = record): Promise<void> =>
    saveCheckpoint(paths.checkpoint, { spec, seed: options.seed, extra, model: flow, state: now });
  const draw = batches(data, options.batch, fold(key, BATCHES));
  const bar = progressFor(options, { total: steps, start: startStep });
  let pending: string[] = [];
  let savedAt = performance.now();
  let finished: TrainingState;
  const keep = async (now: TrainingState): Promise<void> => {
    await appendFile(paths.metrics, pending.join(''));
    pending = [];
    await save(now);
    savedAt = performance.now();
  };
  const loop = fit({
    model: flow, optimizer, steps, learningRate: options.lr, key: fold(key, FIT), signal,
    schedule: warmup(options.warmup, options.schedule === 'cosine' ? cosine({ steps: Math.max(1, steps - options.warmup), floor: 0.01 }) : constant()),
    validateEvery: options.validateEvery, refresh: { iterations: options.powerIterations }, tightRefresh: { iterations: 100 },
    batch: (step) => tensor2d(draw(step), [options.batch, spec.dim]),
    loss: (batch, lossKey, tell) => neg(mean(flow.logProb(batch, { train: true, key: lossKey, report: tell }))),
    validate: () => heldOut(logProbs(flow, data.validation)),
    ...(options.clip === undefined ? {} : { clipNorm: options.clip }),
    ...(options.ema === undefined ? {} : { emaDecay: options.ema }),
    ...(options.patience === undefined ? {} : { patience: options.patience }),
    ...(state === undefined ? {} : { state }),
  });
  try {
    for (;;) {
      const next = await loop.next();
      if (next.done === true) {
        finished = next.value.state;
        await keep(finished);
        if (next.value.stopped === 'aborted') {
          bar.stop();
          note(options, `Interrupted after step ${finished.step}; saved to ${paths.folder}. Continue with --resume --out ${paths.folder}.`);
          return 130;
        }
        break;
      }
      pending.push(metricsLine(next.value));
      bar.update(point(next.value, options.batch * (next.value.step - startStep)));
      if (next.value.validation !== undefined || performance.now() - savedAt > 1000 * SAVE_EVERY) await keep(next.value.state);
    }
  } finally {
    bar.stop();
  }

  // The figures are those of the best weights; the checkpoint keeps the last ones too, to resume from.
  const { best } = finished;
  const measure = (): Promise<Conclusions> => conclude({ options, paths, flow, data, spec, steps: finished.step, bestStep: best?.step ?? finished.step, seconds: (performance.now() - started) / 1000 });
  const { quantiles, json, text } = await preserving(flow.buffers, () => best === undefined ? measure() : withParameters(flow.parameters, best.parameters, () => {
    assignVariables(flow.buffers, best.buffers);
    return measure();
  }));
  await save(finished, { ...record, quantiles });
  release(finished);
  report(options, json, () => text);
  return 0;
};

interface Conclusion {
  readonly options: TrainOptions;
  readonly paths: RunPaths;
  readonly flow: NormalizingFlow;
  readonly data: RunData;
  readonly spec: FlowSpec;
  readonly steps: number;
  readonly bestStep: number;
  readonly seconds: number;
}

interface Conclusions {
  readonly json: object;
  readonly text: string;
  readonly quantiles: readonly number[];
}

/** Measures the model on the test rows and writes its pictures and samples. */
const conclude = async ({ options, paths, flow, data, spec, steps, bestStep, seconds }: Conclusion): Promise<Conclusions> => {
  flow.refresh(TIGHT);
  const logDensities = logProbs(flow, data.test);
  const figures = heldOut(logDensities);
  const gaussian = heldOut(gaussianLogProbs(data.train, data.test));
  const error = roundTrip(flow, data.test, data.scaling?.scale ?? data.columns.map(() => 1));
  const audit = auditOf(flow, spec);
  const samples = drawSamples(flow, 1000, { seed: options.seed });
  await writeTable(paths.samples, { columns: data.columns, rows: 1000, values: samples });
  await writeAtomically(paths.curves, curvesPlot((await readMetrics(paths)).map(curvePoint)));
  await writeAtomically(paths.density, densityPicture(flow, data.test, samples, `${data.name}: ${options.model} flow`));
  const json = {
    run: paths.folder, steps, bestStep, seconds, heldOut: figures, gaussian, roundTrip: error,
    ...(data.entropy === undefined ? {} : { entropy: data.entropy }),
    ...(audit.length === 0 ? {} : { lipschitz: summaryOf(audit) }),
    parameters: Object.values(flow.parameters).reduce((sum, parameter) => sum + parameter.size, 0), dim: spec.dim,
  };
  const score = ({ nats, standardError }: HeldOut): string => `${number(-nats, 5)} ± ${number(standardError, 2)}`;
  const text = `
${table({ head: ['held-out log-likelihood', 'nats per row'], rows: [
    [`${options.model} flow, best of ${number(steps)} steps: ${number(bestStep)}`, score(figures)],
    ['full-covariance Gaussian', score(gaussian)],
    ...(data.entropy === undefined ? [] : [['the distribution itself', number(-data.entropy, 5)]]),
  ] })}

${table({ rows: [
    ['held-out rows', number(figures.rows)],
    ['round trip max |x - f⁻¹(f(x))|, in standard deviations', number(error, 2)],
    ...auditLines(audit),
    ['time', duration(seconds)],
  ] })}

Written to ${paths.folder}: density.png, curves.png, samples.csv, metrics.jsonl, config.json, checkpoint.safetensors`;
  return { json, text, quantiles: quantilesOf(logDensities) };
};

/** The 1001 quantiles of some numbers, ascending. */
const quantilesOf = (values: Float32Array): readonly number[] => {
  const sorted = Float64Array.from(values).sort();
  return Array.from({ length: 1001 }, (_, i) => sorted[Math.round((i / 1000) * (sorted.length - 1))]!);
};

export const curvePoint = (metrics: StepMetrics): CurvePoint => ({
  ...metrics, ...(metrics.solves?.forward === undefined ? {} : { solverSteps: metrics.solves.forward.steps }),
});

const restore = async (paths: RunPaths, flow: NormalizingFlow, data: RunData): Promise<TrainingState> => {
  const checkpoint = await loadCheckpoint(paths.checkpoint);
  const { provenance: before } = (checkpoint.extra ?? {}) as { provenance?: { hash?: string } };
  if (before?.hash !== data.hash) {
    throw new FlowError('input', 'cli', `The data of ${paths.folder} have changed`, { expected: `values with SHA-256 ${before?.hash?.slice(0, 12) ?? '(none)'}`, got: data.hash?.slice(0, 12) ?? '(none)', hint: 'Restore the file, or start a new run.' });
  }
  if (checkpoint.training === undefined) throw new FlowError('checkpoint', 'cli', `${paths.checkpoint} cannot be resumed`, { hint: 'It holds a model without the state of its training.' });
  restoreVariables(flow.parameters, checkpoint.tensors, 'parameters', paths.checkpoint);
  restoreVariables(flow.buffers, checkpoint.tensors, 'buffers', paths.checkpoint);
  const state = stateFrom(checkpoint.tensors, checkpoint.training);
  // Steps after the last save will be done again: their records go.
  const kept = (await readMetrics(paths)).filter(({ step }) => step <= state.step);
  await writeAtomically(paths.metrics, new TextEncoder().encode(kept.map((m) => `${JSON.stringify(m)}\n`).join('')));
  return state;
};

export const readMetrics = async ({ metrics }: Pick<RunPaths, 'metrics'>): Promise<readonly StepMetrics[]> => {
  const text = await readFile(metrics, 'utf8').catch(() => '');
  // A killed process may leave half a line at the end.
  return text.split('\n').slice(0, -1).flatMap((line) => {
    try {
      return [JSON.parse(line) as StepMetrics];
    } catch {
      return [];
    }
  });
};

const metricsLine = ({ state: _state, seconds: _seconds, ...metrics }: FitStep): string => `${JSON.stringify(metrics)}\n`;

const point = ({ step, loss, validation, solves }: FitStep, rows: number) => ({
  step, loss, rows,
  ...(validation === undefined ? {} : { heldOut: validation }),
  ...(solves?.forward === undefined ? {} : { solverSteps: solves.forward.steps }),
});

const stepsOf = ({ steps, epochs, batch, data: name }: TrainOptions, data: RunData): number => {
  if (data.draw === undefined && batch > data.train.rows) {
    throw new FlowError('option', 'cli', '--batch is larger than the data', { expected: `at most ${data.train.rows} (the training rows of ${name})`, got: String(batch), hint: 'Lower --batch.' });
  }
  if (epochs === undefined) return steps ?? 1000;
  if (steps !== undefined) throw new FlowError('option', 'cli', 'Both --steps and --epochs are given', { hint: 'Give one of them.' });
  if (data.draw !== undefined) throw new FlowError('option', 'cli', `The toy ${name} has no epochs: its rows are drawn afresh`, { hint: 'Give --steps.' });
  return epochs * Math.floor(data.train.rows / batch);
};

/** JSON of a log-det option: `exact`, `series`, `roulette` or a plugin's name. */
const plugin = (name: string): PluginSpec => ({ name });

const specOf = (options: TrainOptions, data: RunData): FlowSpec => {
  const dim = data.columns.length;
  const preset = options.preset ?? (data.draw === undefined ? 'tabular' : 'toy');
  const chosen: PresetOptions = {
    dim, model: options.model,
    ...(options.blocks === undefined ? {} : { blocks: options.blocks }),
    ...(options.hidden === undefined ? {} : { hidden: options.hidden }),
    ...(options.activation === undefined ? {} : { activation: plugin(options.activation) }),
    ...(options.coeff === undefined ? {} : { coeff: options.coeff }),
    ...(options.solver === undefined ? {} : { solver: plugin(options.solver) }),
    ...(options.logdet === undefined ? {} : { logDet: plugin(options.logdet) }),
    ...(options.base === undefined ? {} : { base: plugin(options.base) }),
    ...(data.scaling === undefined ? {} : { scaling: data.scaling }),
  };
  return preset === 'toy' ? toy(chosen) : tabular(chosen);
};

/** The options of a run, as its checkpoint remembers them: what changes the numbers, not where they go. */
const saved = ({ json: _json, quiet: _quiet, out: _out, resume: _resume, force: _force, ...rest }: TrainOptions): object => rest;

/** The options of the run that is resumed, with the length and the output options of this call. */
const resumed = async (given: TrainOptions): Promise<TrainOptions> => {
  const paths = await makeRun({ name: '', force: false, resume: true, out: given.out! });
  const { extra } = await loadCheckpoint(paths.checkpoint);
  const { options } = (extra ?? {}) as { readonly options?: Partial<TrainOptions> };
  if (options === undefined) throw new FlowError('checkpoint', 'cli', `${paths.checkpoint} was not written by a training run`, { hint: 'Start a new run.' });
  const { steps, epochs, ...rest } = options;
  const length = given.steps === undefined && given.epochs === undefined ? { ...(steps === undefined ? {} : { steps }), ...(epochs === undefined ? {} : { epochs }) } : {};
  return { ...given, ...rest, ...length, resume: true, ...(given.out === undefined ? {} : { out: given.out }) };
};
