// Measures a contender in Python: peers.py fits it within a number of processor seconds and writes a score for each
// test row.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jsonFrom } from '../measure/child.mjs';
import { thinned } from './curve.mjs';
import { scoresFile } from './places.mjs';
import { oneThread, studyPython } from './python.mjs';

const script = fileURLToPath(new URL('peers.py', import.meta.url));

/**
 * Returns a function that measures a contender of peers.py on a job.
 *
 * @param {string} contender
 * @returns {import('./contenders.mjs').Measure}
 */
export const peer =
  (contender) =>
  async (job, { folder }) => {
    const out = scoresFile(job);
    mkdirSync(dirname(out), { recursive: true });
    const files = ['train', 'validation', 'test'].map((part) => join(folder, `${part}.csv`));
    const { curve, ...told } = await jsonFrom(
      studyPython.command,
      [script, contender, ...files, '--seconds', String(job.budget), '--seed', String(job.seed), '--out', out],
      { env: oneThread() },
    );
    return { ...told, ...(curve === undefined ? {} : { curve: thinned(curve) }) };
  };
