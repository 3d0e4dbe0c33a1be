// `npm run measure -- bench`: compares kernels with TensorFlow.js and jax-js, and training steps and sampling with the
// faster of PyTorch and JAX. `npm run setup:rivals` installs PyTorch and JAX.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonOf } from '../measure/child.mjs';
import { contendersOf, contendersOfRows, here, starters } from './contenders.mjs';
import { cases } from './kernel-cases.mjs';
import { benchTexts } from './page.mjs';
import { findRivals, HOW_TO_INSTALL } from './python.mjs';
import { race } from './race.mjs';
import { KERNELS, layersRows, profiled, samplingRows, trainingGroups } from './rows.mjs';

/** @import { Contender } from './rows.mjs' */

/** @typedef {{ quick: boolean; python: ReturnType<typeof findRivals>; say: (what: string) => void; weights: string }} Options */

const SAMPLES = 10_000;

/** @type {import('../measure/measure.mjs').Program} */
export const program = {
  name: 'bench',
  about: 'Kernels against TensorFlow.js and jax-js, training steps and sampling against the faster of PyTorch and JAX.',
  options: {
    quick: { value: false, help: 'fewer repetitions' },
    weights: { value: '', help: 'sample from this checkpoint of a toy model, instead of training one' },
  },
  jobs: () => [
    ...cases.map(({ name }) => ({ job: `kernel ${name}`, kind: 'kernel', name })),
    // The native kernels contain elementwise operations only inside the kernels of nets.
    ...cases
      .filter(({ flops }) => flops !== undefined)
      .map(({ name }) => ({ job: `kernel ${name} (native)`, kind: 'kernel', name, build: 'native' })),
    // The build of the kernels for engines without relaxed SIMD.
    ...cases.flatMap(({ name, plain }) =>
      plain === true ? [{ job: `kernel ${name} (simd)`, kind: 'kernel', name, build: 'simd' }] : [],
    ),
    { job: 'products', kind: 'products' },
    ...layersRows.map(({ name, model }) => ({ job: `layers ${model}`, kind: 'layers', name })),
    ...trainingGroups.map(({ preset, batch }) => ({
      job: `training ${preset} batch ${batch}`,
      kind: 'training',
      preset,
      batch,
    })),
    { job: 'sampling', kind: 'sampling' },
    ...profiled.flatMap(({ preset, batch }) =>
      [1, 2].map((processes) => ({
        job: `profile ${preset} ${batch} rows ${processes} processes`,
        kind: 'profile',
        preset,
        batch,
        processes,
      })),
    ),
  ],
  run: async (job, { values: { quick, weights }, say }) => {
    if (job.kind === 'kernel') return kernel(job, quick);
    if (job.kind === 'profile') return profile(job, quick);
    const python = findRivals();
    if (python === undefined && job.kind !== 'layers') say(HOW_TO_INSTALL);
    const run = { products, layers, training, sampling }[/** @type {'training'} */ (job.kind)];
    return { ...(await run(job, { quick, weights, python, say })), versions: python?.versions };
  },
  pages: (records) => ({ 'docs/benchmarks.md': benchTexts(records) }),
};

/**
 * @param {{ name: string; build?: string }} job
 * @param {boolean} quick
 */
const kernel = async ({ name, build }, quick) => {
  const options = ['--seconds', quick ? 0.1 : 0.8, ...(build === undefined ? [] : ['--build', build])];
  const found = await jsonOf(here('kernels.mjs'), ['--name', name, ...options]);
  return { ...found, versions: { kernels: found.build } };
};

/**
 * Measures matrix products alone in this library, PyTorch and JAX. These times show whether an installed library is
 * unusually slow.
 *
 * @param {object} _job
 * @param {Options} options
 */
const products = async (_job, { python, ...options }) => {
  const contenders = [1, 2].flatMap((threads) => [
    ...KERNELS.map((kernels) => ({
      label: `ours, ${kernels} kernels, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
      workers: threads,
      kernels,
    })),
    ...contendersOf({ job: 'products', side: { threads } }),
  ]);
  const own = (/** @type {Contender} */ { workers, kernels }) => {
    const args = ['--workers', workers, '--rows', 1000, '--kernels', kernels];
    return ['products.mjs', ...args];
  };
  return race(starters(contenders, { own, rival: ['--products', '--warmup', 20], python }), options);
};

/**
 * Measures plain tfjs-layers programs on the kernels of this library and, if TensorFlow.js can train them, on its own
 * kernels.
 *
 * @param {{ name: string }} job
 * @param {Options} options
 */
const layers = async ({ name }, options) => {
  const { model, stock } = layersRows.find((row) => row.name === name) ?? layersRows[0];
  const contenders = [{ label: 'ours' }, ...(stock ? [{ label: 'TensorFlow.js' }] : [])];
  const own = (/** @type {Contender} */ { label }) => [
    'layers.mjs',
    '--model',
    model,
    ...(label === 'ours' ? [] : ['--simd', 'stock']),
  ];
  return race(starters(contenders, { own, rival: [] }), options);
};

/**
 * @param {{ preset: string; batch: number }} job
 * @param {Options} options
 */
const training = async ({ preset, batch }, { python, ...options }) => {
  const group = trainingGroups.find((each) => each.preset === preset && each.batch === batch);
  const job = ['--preset', preset, '--batch', batch, '--warmup', options.quick ? 3 : (group?.warmup ?? 0)];
  const contenders = contendersOfRows(preset, group?.rows ?? []);
  const own = (/** @type {Contender} */ { workers, often, kernels, products: threads }) => {
    if (threads !== undefined) return ['products.mjs', '--workers', threads, '--kernels', kernels];
    return ['training.mjs', ...job, '--workers', workers, '--kernels', kernels, ...(often ? ['--often'] : [])];
  };
  return race(starters(contenders, { own, rival: job, python }), {
    ...options,
    ...(group === undefined || options.quick ? {} : { turns: group.turns }),
  });
};

/**
 * Measures sampling. All programs sample from one checkpoint: the file `weights`, or by default a model that is trained
 * here.
 *
 * @param {object} _job
 * @param {Options} options
 */
const sampling = async (_job, { python, weights, ...options }) => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-bench-'));
  try {
    const file = weights || join(folder, 'toy.safetensors');
    if (weights === '') {
      options.say('training a toy model to sample from');
      const steps = String(options.quick ? 20 : 300);
      const { status, stderr } = spawnSync(process.execPath, [here('training.mjs'), '--steps', steps, '--save', file], {
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(`Training failed: ${stderr.slice(-1000)}`);
    }
    const own = (/** @type {Contender} */ { workers, kernels, products: threads }) =>
      threads === undefined
        ? ['sampling.mjs', '--rows', SAMPLES, '--workers', workers, '--weights', file, '--kernels', kernels]
        : ['products.mjs', '--workers', threads, '--kernels', kernels];
    const rival = ['--sample', SAMPLES, '--weights', file, '--warmup', 40];
    return await race(starters(contendersOfRows('sampling', samplingRows), { own, rival, python }), options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/**
 * Profiles a training step in one process, or in several independent processes that run at the same time.
 *
 * @param {{ preset: string; batch: number; processes: number }} job
 * @param {boolean} quick
 */
const profile = async ({ preset, batch, processes }, quick) => {
  const steps = Math.round((quick ? 20 : 60) / (preset === 'toy' ? 1 : 6));
  const args = ['--preset', preset, '--batch', batch, '--steps', steps, '--json'];
  return { profiles: await Promise.all(Array.from({ length: processes }, () => jsonOf(here('profile.mjs'), args))) };
};
