// A contender in Python: peers.py fits it within a number of processor seconds and writes a number for each test row.
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { lastJson } from '../last-json.mjs';
import { thinned } from './curve.mjs';
import { scoresFile } from './places.mjs';
import { oneThread, studyPython } from './python.mjs';

const script = fileURLToPath(new URL('peers.py', import.meta.url));

/**
 * Measures a contender of peers.py.
 *
 * @param {string} contender
 * @returns {import('./contenders.mjs').Measure}
 */
export const peer =
  (contender) =>
  async (job, { folder, seconds }) => {
    const out = scoresFile(job);
    mkdirSync(dirname(out), { recursive: true });
    const files = ['train', 'validation', 'test'].map((part) => join(folder, `${part}.csv`));
    const { stdout } = await promisify(execFile)(
      studyPython.command,
      [script, contender, ...files, '--seconds', String(seconds), '--seed', String(job.seed), '--out', out],
      { maxBuffer: 1 << 26, env: oneThread() },
    ).catch((error) => {
      throw new Error(`peers.py ${contender} ended with ${error.code}: ${error.stderr?.trim().slice(-1000)}`);
    });
    const { curve, ...told } = lastJson(stdout);
    return { ...told, ...(curve === undefined ? {} : { curve: thinned(curve) }) };
  };
