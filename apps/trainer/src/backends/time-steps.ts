import { fold, key as seedKey, release, settle } from '@impflow/core';
import { fit, optimizers, type DataParallel } from '@impflow/training';
import { tensor } from '@tensorflow/tfjs-core';
import { methodSpec, type ModelSpec, type Settings } from 'impflow/run';
import { startBackend } from '../adapters/backends.ts';
import { registriesWith } from '../plugins/registries.ts';
import { buildModel } from './build-model.ts';
import { startWorkers, workersFor } from './workers.ts';

/** Settings that change the time of a step. */
export type StepSettings = Pick<Settings, 'batch' | 'lr' | 'optimizer' | 'clip' | 'ema' | 'seed' | 'memory'>;

/** A model and the rows with which its training steps are measured. Plain data. */
export interface StepsQuestion {
  readonly backend: string;
  readonly spec: ModelSpec;
  readonly settings: StepSettings;
  readonly plugin: readonly string[];
  readonly workers: number | 'auto';
  /** A batch `[batch, ...shape]`. */
  readonly rows: Float32Array;
  /**
   * Shortest time of a step among the backends that were measured before, in ms. The measurement of a slower backend
   * stops early.
   */
  readonly best: number;
}

/** Median milliseconds per step and the number of workers, or the reason why the backend was left out. */
export type StepsAnswer = { readonly ms: number; readonly workers: number } | { readonly reason: string };

/** Wall time of the measurement of one backend, in ms. At least three steps are measured. */
const BUDGET_MS = 1500;
/** Wall time of the first, short measurement, in ms. At least three steps are measured. */
const PROBE_MS = 600;
/**
 * The first measurement uses a sixteenth of the rows. A backend is left out if its step on these few rows takes longer
 * than a step of the best backend on all rows.
 */
const PART = 16;

/**
 * Measures a training step on a backend, with the model, rows, optimizer and workers of the run. Call it in a separate
 * process.
 */
export const timeSteps = async ({
  backend: name,
  spec,
  settings,
  plugin,
  workers: wanted,
  rows,
  best,
}: StepsQuestion): Promise<StepsAnswer> => {
  const { batch, seed, optimizer, lr, clip, ema, memory = 'keep' } = settings;
  const registries = await registriesWith(plugin);
  const { capabilities } = await startBackend(name, registries.backend);
  if (capabilities.precision !== 32) return { reason: `it computes with ${capabilities.precision} bits` };
  const key = seedKey(seed);
  const model = buildModel(spec, { key, registries, memory });
  const size = rows.length / batch;
  const shape = model.shape ?? [size];
  const rowsOf = (count: number) => tensor(rows.subarray(0, count * size), [count, ...shape]);
  const first = rowsOf(batch);
  await settle(() => model.initialize(first, fold(key, 0)));
  first.dispose();

  /** Runs training steps as long as `more` returns true, and returns the milliseconds of each step. */
  const times = async (
    count: number,
    more: (times: readonly number[]) => boolean,
    parallel?: DataParallel,
  ): Promise<readonly number[]> => {
    const done: number[] = [];
    const abort = new AbortController();
    const steps = fit({
      ...model,
      optimizer: optimizers.create(methodSpec('optimizer', optimizer)),
      learningRate: lr,
      steps: 10_000,
      key: fold(key, 1),
      signal: abort.signal,
      batch: () => rowsOf(count),
      ...(clip === undefined ? {} : { clipNorm: clip }),
      ...(ema === undefined ? {} : { emaDecay: ema }),
      ...(parallel === undefined ? {} : { parallel }),
    });
    for (;;) {
      const next = await steps.next();
      if (next.done === true) {
        release(next.value.state);
        return done;
      }
      done.push(1000 * next.value.seconds);
      if (!more(done)) abort.abort();
    }
  };

  if (best < Infinity && batch >= 2 * PART) {
    const part = Math.ceil(batch / PART);
    const begun = performance.now();
    const probe = await times(
      part,
      (seen) => seen.at(-1)! > best && (seen.length < 3 || performance.now() - begun < PROBE_MS),
    );
    if (probe.every((ms) => ms > best))
      return { reason: `${part} of ${batch} rows already take ${Math.round(Math.min(...probe))} ms` };
  }
  const workers = workersFor(wanted, { batch, dim: size }, capabilities);
  const parallel = await startWorkers(workers, { spec, memory, backend: name, plugin });
  try {
    const begun = performance.now();
    const all = await times(batch, (seen) => seen.length < 3 || performance.now() - begun < BUDGET_MS, parallel);
    // The times of the first half of the steps are dropped, because they include compilation.
    const warm = all.slice(all.length >> 1).sort((a, b) => a - b);
    return { ms: warm[warm.length >> 1]!, workers };
  } finally {
    await parallel?.close();
  }
};
