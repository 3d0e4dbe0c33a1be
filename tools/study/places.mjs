// Folders and files of the study.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @import { Job } from './records.mjs' */

/** Everything that can be regenerated: tables, splits, runs, log-densities of test rows. */
export const CACHE = fileURLToPath(new URL('../../node_modules/.cache/study', import.meta.url));

/** Tables of scikit-learn, written by `tables.py`. */
export const TABLES = join(CACHE, 'tables');
/** Tables that published.py wrote, from files in a folder that the user names. */
export const PUBLISHED = join(CACHE, 'published');
export const GIVEN = process.env.IMPFLOW_STUDY_DATA;
/**
 * The split of a data set by a seed.
 *
 * @param {string} data
 * @param {number} seed
 */
export const splitFolder = (data, seed) => join(CACHE, 'splits', data, String(seed));
/**
 * A number for each test row, one per line.
 *
 * @param {Job} job
 */
export const scoresFile = ({ data, contender, seed }) => join(CACHE, 'scores', data, `${contender}-${seed}.txt`);

/**
 * Writes a file, and its folder if necessary.
 *
 * @param {string} path
 * @param {string | Uint8Array} text
 */
export const write = (path, text) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

/**
 * Numbers, one per line; `-inf` and `nan` as Python writes them.
 *
 * @param {string} path
 * @returns {readonly number[]}
 */
export const readNumbers = (path) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => (line === '-inf' ? -Infinity : Number(line)));
/**
 * @param {string} path
 * @param {ArrayLike<number>} numbers
 */
export const writeNumbers = (path, numbers) =>
  write(path, `${Array.from(numbers, (number) => (number === -Infinity ? '-inf' : String(number))).join('\n')}\n`);
