// Folders and files of the study.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { budgetName } from './records.mjs';

/** @import { Job } from './records.mjs' */

/** Folder of all files that can be regenerated: tables, splits, runs, scores of test rows. */
export const CACHE = fileURLToPath(new URL('../../node_modules/.cache/study', import.meta.url));

/** Folder of the tables of scikit-learn, which `tables.py` writes. */
export const TABLES = join(CACHE, 'tables');
/** Folder of the tables that published.py writes from the files in `GIVEN`. */
export const PUBLISHED = join(CACHE, 'published');
export const GIVEN = process.env.IMPFLOW_STUDY_DATA;
/**
 * Returns the folder of the training, validation and test rows of a data set for a seed.
 *
 * @param {string} data
 * @param {number} seed
 */
export const splitFolder = (data, seed) => join(CACHE, 'splits', data, String(seed));
/**
 * Returns the file with the score of each test row, one number per line.
 *
 * @param {Job} job
 */
export const scoresFile = ({ data, contender, seed, budget }) =>
  join(CACHE, 'scores', data, `${contender}-${seed}${budgetName(budget)}.txt`);

/**
 * Writes a file, and creates its folder if necessary.
 *
 * @param {string} path
 * @param {string | Uint8Array} text
 */
export const write = (path, text) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

/**
 * Reads numbers, one per line. `-inf` and `nan` are written as Python writes them.
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
