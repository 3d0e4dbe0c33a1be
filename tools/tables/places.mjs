// Folders and records of `npm run tables`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allLines, keepLine, readLines } from '../json-lines.mjs';

/** @param {string} path */
const root = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Records, in the repository. */
export const RECORDS = root('docs/measured/tables');
/** Everything that can be made again: tables, simulations, runs, draws. */
export const CACHE = root('node_modules/.cache/tables');

/**
 * One measurement: a table, or a method on the simulations of a simulator.
 *
 * @typedef {{ data: string; method: string; seed: number }} Job
 */

/** @param {Job} job */
export const nameOf = ({ data, method, seed }) => `${data}-${method}-${seed}`;

/**
 * The scratch folder of a measurement.
 *
 * @param {Job} job
 */
export const folderOf = (job) => join(CACHE, nameOf(job));

/** @param {Job} job */
const fileOf = ({ data }) => join(RECORDS, `${data}.jsonl`);

/** @param {Job} job */
export const hasRecord = (job) => readLines(fileOf(job)).some((record) => nameOf(record) === nameOf(job));

/** @param {Job & Record<string, unknown>} record */
export const keepRecord = (record) => keepLine(fileOf(record), record, nameOf);

/** All records, by data, method and seed. */
export const allRecords = () => allLines(RECORDS);

/**
 * Writes a file, and its folder if necessary.
 *
 * @param {string} path
 * @param {string} text
 */
export const write = (path, text) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};
