// Trains an implicit, a residual and a coupling flow on images with the command line. Each training takes 420 seconds
// on all cores.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { impflow } from '../measure/child.mjs';
import { DATA } from './data.mjs';

const COMMON = '--preset image --batch 16 --schedule cosine --warmup 100 --validate-every 500 --seconds 420 --seed 1';

/**
 * Options of the flows. The numbers of parameters are equal within some percent: a residual model has two blocks with
 * one net for each implicit block, which has two nets. A coupling block has one net, with half of the channels as
 * input. The coupling flow reaches a higher loss at the learning rate of the other flows.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const FLOWS = {
  implicit: '--hidden 32,32 --lr 2e-2 --coeff 0.97',
  residual: '--hidden 32,32 --lr 2e-2 --coeff 0.97',
  coupling: '--hidden 160,160 --lr 3e-3',
};

/** Pictures of a run that docs/images.md shows. */
const PICTURES = /** @type {const} */ ({
  implicit: ['samples', 'interpolations'],
  residual: ['samples'],
  coupling: ['samples'],
});

/** @param {{ data: string; model: keyof typeof PICTURES }} job */
export const density = async ({ data, model }) => {
  const out = mkdtempSync(join(tmpdir(), 'impflow-images-'));
  const common = ['--data', data, ...COMMON.split(' '), ...DATA[data]];
  const options = ['--model', model, ...FLOWS[model].split(' ')];
  try {
    const { run: _, ...found } = await impflow(['train', ...common, ...options, '--out', join(out, 'run')]);
    for (const picture of PICTURES[model])
      copyFileSync(
        join(out, `run/${picture}.png`),
        fileURLToPath(new URL(`../../docs/figures/${data}-${model}-${picture}.png`, import.meta.url)),
      );
    return { common, options, ...found };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
};
