// Folders and records of `npm run tables`.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
const recordFile = (job) => join(RECORDS, `${nameOf(job)}.json`);

/** @param {Job} job */
export const hasRecord = (job) => existsSync(recordFile(job));

/** @param {Job & Record<string, unknown>} record */
export const keepRecord = (record) => write(recordFile(record), `${JSON.stringify(record, null, 1)}\n`);

/** All records, in the order of their names. */
export const allRecords = () =>
  existsSync(RECORDS)
    ? readdirSync(RECORDS)
        .sort()
        .map((file) => JSON.parse(readFileSync(join(RECORDS, file), 'utf8')))
    : [];

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
