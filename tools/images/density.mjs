// `npm run images -- density`: an implicit, a residual and a coupling flow on the bundled digits through the command line, each for the same time on all cores,
// seven minutes where this was written.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
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
/** Of the implicit flow; the others train for as long as that takes. */
const STEPS = 700;

/** `{ common, seconds, models }`. */
export const density = async ({ say }) => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-images-'));
  const models = [];
  const train = (options, steps, ...more) => impflow(['train', ...COMMON, ...options, '--steps', String(steps), ...more]);
  let seconds;
  try {
    for (const [model, options] of Object.entries(MODELS)) {
      // Their steps take the same time from the first to the last; those of the implicit flow do not, for its solves grow harder.
      const steps = seconds === undefined ? STEPS
        : Math.round(seconds / (await train(options, PROBE_STEPS, '--validate-every', '1000', '--test-images', '20', '--out', join(folder, `probe-${model}`))).secondsPerStep);
      say(`density: ${model}, ${steps} steps`);
      const out = join(folder, model);
      const result = await train(options, steps, '--warmup', '50', '--validate-every', String(Math.ceil(steps / 5)), '--out', out);
      seconds ??= result.trainingSeconds;
      models.push({ model, options, ...result });
      say(`density: ${model}, ${result.heldOut.bitsPerDim.mean.toFixed(4)} bits per dimension, ${result.trainingSeconds.toFixed(0)} s of training of ${result.seconds.toFixed(0)} s`);
      for (const picture of ['samples', 'interpolations', 'reconstructions']) copyFileSync(join(out, `${picture}.png`), figure(`digits-${model}-${picture}.png`));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { common: COMMON, seconds, models };
};
