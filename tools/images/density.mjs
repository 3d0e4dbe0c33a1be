// `npm run images -- density`: an implicit, a residual and a coupling flow on the bundled digits through the command line, each for the same time on all cores.
import { copyFileSync, rmSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { impflow } from './impflow.mjs';

const figure = (name) => fileURLToPath(new URL(`../../docs/figures/${name}`, import.meta.url));

/** As many parameters each, within some percent: a residual model has two blocks of one net for each implicit one of two. */
const MODELS = {
  implicit: ['--model', 'implicit', '--hidden', '32,32', '--lr', '1e-2'],
  residual: ['--model', 'residual', '--hidden', '32,32', '--lr', '1e-2'],
  // A block has one net, of half the channels in. At the learning rate of the others it learns less.
  coupling: ['--model', 'coupling', '--hidden', '160,160', '--lr', '3e-3'],
};
const COMMON = ['--data', 'digits', '--preset', 'image', '--batch', '64', '--schedule', 'cosine', '--seed', '1'];
const PROBE_STEPS = 40;

/** `{ budgetMinutes, models }`. */
export const density = async ({ say, budgetMinutes }) => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-images-'));
  const models = [];
  try {
    for (const [model, options] of Object.entries(MODELS)) {
      // How many steps the budget is.
      const probe = await impflow(['train', ...COMMON, ...options, '--steps', String(PROBE_STEPS), '--validate-every', '1000', '--test-images', '20', '--out', join(folder, `probe-${model}`)]);
      const { secondsPerStep } = probe;
      const steps = Math.floor((60 * budgetMinutes) / secondsPerStep);
      say(`density: ${model}, ${secondsPerStep.toFixed(3)} s a step, ${steps} steps`);
      const out = join(folder, model);
      const result = await impflow(['train', ...COMMON, ...options, '--steps', String(steps), '--warmup', '50', '--validate-every', String(Math.max(50, Math.floor(steps / 8))), '--out', out]);
      models.push({ model, options, ...result });
      say(`density: ${model}, ${result.heldOut.bitsPerDim.mean.toFixed(4)} bits per dimension after ${result.seconds.toFixed(0)} s`);
      for (const picture of ['samples', 'interpolations', 'reconstructions']) copyFileSync(join(out, `${picture}.png`), figure(`digits-${model}-${picture}.png`));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { budgetMinutes, common: COMMON, models };
};
