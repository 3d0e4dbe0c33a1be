// A small version of the comparison of classifiers in the paper, with the command line. The program trains ordinary
// residual blocks, blocks of a residual flow, and implicit blocks. Residual blocks and implicit blocks are each trained
// with two Lipschitz coefficients. All models have equal widths and numbers of steps.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { impflow } from '../measure/child.mjs';
import { DATA } from './data.mjs';

const STEPS = 300;
const COMMON =
  '--task classify --widths 8,16,16,32 --batch 64 --steps 300 --lr 3e-3 --schedule cosine --warmup 20 --validate-every 75 --seed 1';

/** @type {Readonly<Record<string, { name: string; coeff?: number }>>} */
export const CLASSIFIERS = {
  vanilla: { name: 'vanilla' },
  ...Object.fromEntries(
    [0.9, 0.6].flatMap((coeff) => ['residual', 'implicit'].map((name) => [`${name} ${coeff}`, { name, coeff }])),
  ),
};

/** @param {{ data: string; model: string }} job */
export const classify = async ({ data, model }) => {
  const { name, coeff } = CLASSIFIERS[model];
  const folder = mkdtempSync(join(tmpdir(), 'impflow-classify-'));
  const common = ['--data', data, ...COMMON.split(' '), ...DATA[data]];
  try {
    const options = ['--model', name, ...(coeff === undefined ? [] : ['--coeff', String(coeff)])];
    const { run: _, ...found } = await impflow(['train', ...common, ...options, '--out', join(folder, 'run')]);
    return { steps: STEPS, common, name, coeff, ...found };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
