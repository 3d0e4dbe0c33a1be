// Writes the files that all contenders read: train.csv, validation.csv and test.csv, once for each data set and seed.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { core, data } from '../bench/library.mjs';
import { splitFolder, write } from './places.mjs';
import { SOURCES } from './sources.mjs';
import { anomalyParts, densityParts, toyParts } from './split.mjs';

/**
 * Files with the rows of a data set for a seed, and their properties.
 *
 * @typedef {object} Prepared
 * @property {string} folder
 * @property {{ train: number; validation: number; test: number }} rows
 * @property {number} columns
 * @property {number} logScale The sum of the logarithms of the columns' standard deviations on the training rows.
 * @property {string} split The SHA-256 of the three files. The hash identifies the rows on which a record was measured.
 * @property {Readonly<Record<string, number>>} [steps] Width of the noise of each column with noise, by name.
 * @property {number} [normal] The number of normal rows among the test rows.
 * @property {number} [anomaly] The class that is held out.
 */

/**
 * @param {import('./sources.mjs').Source} source
 * @param {number} seed
 * @returns {Promise<import('./split.mjs').Parts & Pick<Prepared, 'steps' | 'normal' | 'anomaly'>>}
 */
const partsOf = async ({ kind, toy, classes = [], load, parts }, seed) => {
  if (parts !== undefined) return parts();
  if (toy !== undefined) return toyParts(toy, core.key(seed));
  if (load === undefined) throw new Error(`[study] A source of kind ${kind} has nothing to load.`);
  const { table, labels = [], steps } = await load();
  if (kind === 'density') return densityParts(table, core.key(seed), steps);
  const anomaly = classes[seed % classes.length];
  return { ...anomalyParts(table, labels, anomaly, core.key(seed)), anomaly };
};

/**
 * Writes the files of a data set for a seed, unless they exist.
 *
 * @param {string} name
 * @param {number} seed
 * @returns {Promise<Prepared>}
 */
export const prepared = async (name, seed) => {
  const folder = splitFolder(name, seed);
  const about = join(folder, 'about.json');
  if (!existsSync(about)) {
    const { train, validation, test, ...rest } = await partsOf(SOURCES[name], seed);
    const parts = { train, validation, test };
    const hash = createHash('sha256');
    for (const [part, table] of Object.entries(parts)) {
      // Writes the fewest digits that determine a float32 number, so that all contenders read the same numbers.
      const text = data.toCsvFrame(table);
      hash.update(text);
      write(join(folder, `${part}.csv`), text);
    }
    const rows = Object.fromEntries(Object.entries(parts).map(([part, table]) => [part, table.rows]));
    // This file is written last. If it exists, train.csv, validation.csv and test.csv are complete.
    const scales = data.describeColumns(train.columns).map(({ standardDeviation }) => standardDeviation);
    const logScale = scales.reduce((sum, scale) => sum + Math.log(scale), 0);
    const found = { rows, columns: train.columns.length, logScale, split: hash.digest('hex'), ...rest };
    write(about, `${JSON.stringify(found, null, 1)}\n`);
  }
  return { folder, ...JSON.parse(readFileSync(about, 'utf8')) };
};
