// `fit` in a process of its own: see fit-rows.mjs.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { lastJson } from '../last-json.mjs';

/**
 * What a process of Node.js prints as JSON on its last line.
 *
 * @param {readonly string[]} args
 * @throws with its output if it fails.
 */
export const jsonOf = async (...args) => {
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 28 }).catch((error) => {
    throw new Error(
      `node ${args.slice(0, 2).join(' ')} ended with ${error.code}: ${error.stderr?.trim().slice(-1500)}`,
    );
  });
  return lastJson(stdout);
};

/**
 * @typedef {object} FitRows
 * @property {string} train A file.
 * @property {string} fresh A file of rows to score.
 * @property {string} scores The file to write their log-densities into.
 * @property {object} options Of `fit`.
 * @property {string} [plugin] Address of a module whose methods the options name.
 */

/** @param {FitRows} input */
export const fitted = (input) => jsonOf(fileURLToPath(new URL('fit-rows.mjs', import.meta.url)), JSON.stringify(input));
