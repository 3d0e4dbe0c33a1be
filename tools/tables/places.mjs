// Paths of the folders and files of the measurements of tables.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { data as tables } from '../bench/library.mjs';

/** Folder of files that can be made again: tables, simulations, models, draws. */
export const CACHE = fileURLToPath(new URL('../../node_modules/.cache/tables', import.meta.url));

/**
 * A measurement of a table, or of a method on the simulations of a simulator.
 *
 * @typedef {{ data: string; method: string; seed: number }} Job
 */

/**
 * Returns the scratch folder of a measurement.
 *
 * @param {Job} job
 */
export const folderOf = ({ data, method, seed }) => join(CACHE, `${data}-${method}-${seed}`);

/**
 * Reads a file and returns its numbers, by column.
 *
 * @param {string} path
 * @returns {Promise<Readonly<Record<string, Float64Array>>>}
 */
export const numbersOf = async (path) =>
  Object.fromEntries((await tables.readFrame(path)).columns.map(({ name, numbers }) => [name, numbers]));
