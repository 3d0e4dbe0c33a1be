// The Python of `npm run tables`: an environment that `npm run setup:tables` makes, with the versions of
// requirements.txt, and the reference posteriors of sbibm beside it.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environmentOf } from '../bench/environment.mjs';
import { lastJson } from '../last-json.mjs';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const tablesPython = environmentOf({
  folder: here('../../node_modules/.cache/tables-python'),
  requirements: here('requirements.txt'),
});

/**
 * The package whose files hold observations and samples of their posteriors (MIT). It is not imported, so what it
 * depends on is not installed.
 */
export const SBIBM = { version: '1.1.0', folder: join(tablesPython.folder, 'sbibm') };

/**
 * Runs a program of this folder. Returns the JSON of its last line.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @throws with its output if it fails.
 */
export const python = async (program, args) => {
  const { stdout } = await promisify(execFile)(tablesPython.command, [here(program), ...args], {
    maxBuffer: 1 << 26,
    // sbi writes a folder of logs where it runs.
    cwd: tablesPython.folder,
  }).catch((error) => {
    throw new Error(`${program} ended with ${error.code}: ${error.stderr?.trim().slice(-1500)}`);
  });
  return lastJson(stdout);
};
