// `npm run images -- density`: trains an implicit, a residual and a coupling flow on images with the command line, each
// for about the same time on all cores.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { impflow } from './impflow.mjs';
import { DATA } from './measured.mjs';

/** @param {string} name */
const figure = (name) => fileURLToPath(new URL(`../../docs/figures/${name}`, import.meta.url));

const SECONDS = 420;
/**
 * Equal numbers of parameters, within some percent: a residual model has two blocks of one net for each implicit block
 * of two nets. And equal time.
 */
const MODELS = {
  implicit: ['--model', 'implicit', '--hidden', '32,32', '--lr', '2e-2', '--coeff', '0.97'],
  residual: ['--model', 'residual', '--hidden', '32,32', '--lr', '2e-2', '--coeff', '0.97'],
  // A coupling block has one net, with half of the channels as input. At the learning rate of the others it learns
  // less.
  coupling: ['--model', 'coupling', '--hidden', '160,160', '--lr', '3e-3'],
};
/** @param {string} data */
const commonOf = (data) => [
  '--data',
  data,
  '--preset',
  'image',
  '--batch',
  '16',
  '--schedule',
  'cosine',
  '--warmup',
  '100',
  '--validate-every',
  '500',
  '--seconds',
  String(SECONDS),
  '--seed',
  '1',
  ...DATA[data].options,
];

/**
 * Trains each flow. With `only`, the other models keep their earlier measurements.
 *
 * @param {import('./measured.mjs').PartOptions} options
 */
export const density = async ({ say, data, only = Object.keys(MODELS), before }) => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-images-'));
  const common = commonOf(data);
  /** @type {import('./measured.mjs').DensityModel[]} */
  const models = [];
  try {
    for (const [model, options] of Object.entries(MODELS)) {
      if (!only.includes(model)) {
        models.push(...(before?.models ?? []).filter((other) => other.model === model));
        continue;
      }
      say(`density: ${model}, ${SECONDS} s`);
      const out = join(folder, model);
      const result = await impflow(['train', ...common, ...options, '--out', out]);
      models.push({ model, options, ...result });
      say(
        `density: ${model}, ${result.heldOut.bitsPerDim.mean.toFixed(4)} bits per dimension, ` +
          `${result.steps} steps, ${result.trainingSeconds.toFixed(0)} s of training of ` +
          `${result.seconds.toFixed(0)} s`,
      );
      for (const picture of ['samples', 'interpolations', 'reconstructions'])
        copyFileSync(join(out, `${picture}.png`), figure(`${data}-${model}-${picture}.png`));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { common, models };
};
