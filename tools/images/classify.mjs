// `npm run images -- classify`: a small version of the paper's comparison of classifiers, with the command line:
// ordinary residual blocks, blocks of a residual flow, and implicit blocks at two Lipschitz coefficients, of equal
// widths and for equal numbers of steps.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { impflow } from './impflow.mjs';
import { DATA } from './measured.mjs';

const STEPS = 300;
/** @param {string} data */
const commonOf = (data) => [
  '--task',
  'classify',
  '--data',
  data,
  '--widths',
  '8,16,16,32',
  '--batch',
  '64',
  '--steps',
  String(STEPS),
  '--lr',
  '3e-3',
  '--schedule',
  'cosine',
  '--warmup',
  '20',
  '--validate-every',
  String(STEPS / 4),
  '--seed',
  '1',
  ...DATA[data].options,
];

/** @type {readonly { name: string; coeff?: number; options: readonly string[] }[]} */
const MODELS = [
  { name: 'vanilla', options: ['--model', 'vanilla'] },
  ...[0.9, 0.6].flatMap((coeff) =>
    ['residual', 'implicit'].map((name) => ({ name, coeff, options: ['--model', name, '--coeff', String(coeff)] })),
  ),
];

/**
 * Trains each classifier.
 *
 * @param {import('./measured.mjs').PartOptions} options
 */
export const classify = async ({ say, data }) => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-classify-'));
  const common = commonOf(data);
  /** @type {import('./measured.mjs').ClassModel[]} */
  const models = [];
  try {
    for (const { name, coeff, options } of MODELS) {
      const result = await impflow(['train', ...common, ...options, '--out', join(folder, `${name}-${coeff ?? ''}`)]);
      models.push({ name, ...(coeff === undefined ? {} : { coeff }), ...result });
      say(
        `classify: ${name} ${coeff ?? ''}: ${(100 * result.heldOut.accuracy.mean).toFixed(2)} % after ${result.seconds.toFixed(0)} s`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { steps: STEPS, common, models };
};
