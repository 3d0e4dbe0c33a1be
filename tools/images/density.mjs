// `npm run images -- density`: an implicit, a residual and a coupling flow on images through the command line, each for about the same time on all cores.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { impflow } from './impflow.mjs';

const figure = (name) => fileURLToPath(new URL(`../../docs/figures/${name}`, import.meta.url));

/**
 * As many parameters each, within some percent: a residual model has two blocks of one net for each implicit one of two. And about the same time: the steps that take
 * seven minutes on the machine of docs/images.md, which tells how long they took.
 */
const MODELS = {
  implicit: { steps: 700, options: ['--model', 'implicit', '--hidden', '32,32', '--lr', '1e-2'] },
  residual: { steps: 1040, options: ['--model', 'residual', '--hidden', '32,32', '--lr', '1e-2'] },
  // A block has one net, of half the channels in. At the learning rate of the others it learns less.
  coupling: { steps: 1713, options: ['--model', 'coupling', '--hidden', '160,160', '--lr', '3e-3'] },
};
/** Densities of Fashion-MNIST are judged on as many images as digits have. */
const commonOf = (data) => ['--data', data, '--preset', 'image', '--batch', '64', '--schedule', 'cosine', '--seed', '1', ...(data === 'fashion-mnist' ? ['--test-images', '1000'] : [])];

/** `{ common, models }`. Of `only` some of the models the others stay as they were measured. */
export const density = async ({ say, data, only = Object.keys(MODELS), before }) => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-images-'));
  const common = commonOf(data);
  const models = [];
  try {
    for (const [model, { steps, options }] of Object.entries(MODELS)) {
      if (!only.includes(model)) {
        models.push(...(before?.models ?? []).filter((other) => other.model === model));
        continue;
      }
      say(`density: ${model}, ${steps} steps`);
      const out = join(folder, model);
      const result = await impflow(['train', ...common, ...options, '--steps', String(steps), '--warmup', '50', '--validate-every', String(Math.ceil(steps / 5)), '--out', out]);
      models.push({ model, options, ...result });
      say(`density: ${model}, ${result.heldOut.bitsPerDim.mean.toFixed(4)} bits per dimension, ${result.trainingSeconds.toFixed(0)} s of training of ${result.seconds.toFixed(0)} s`);
      for (const picture of ['samples', 'interpolations', 'reconstructions']) copyFileSync(join(out, `${picture}.png`), figure(`${data}-${model}-${picture}.png`));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { common, models };
};
