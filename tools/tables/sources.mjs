// Writes the tables as CSV files: rows to train on, and fresh rows that no training reads.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { core } from '../bench/library.mjs';
import { write } from '../study/places.mjs';
import { vega } from '../study/vega.mjs';
import { CACHE } from './places.mjs';
import { python } from './python.mjs';

/** @typedef {readonly (readonly string[])[]} Cells Rows of cells as strings. The first row is the header. */

/**
 * A table of the measurements.
 *
 * @typedef {object} Source
 * @property {string} title
 * @property {() => Promise<Cells>} load
 * @property {{ leaveOut?: readonly string[] }} [options] Options of `fit`.
 */

/**
 * @param {readonly Readonly<Record<string, string | number | null>>[]} records
 * @returns {Cells}
 */
const cellsOf = (records) => {
  const names = Object.keys(records[0]);
  return [names, ...records.map((record) => names.map((name) => String(record[name] ?? '')))];
};

/** Number of airports whose flights are taken: the airports with the most flights. */
const AIRPORTS = 10;

const flights = async () => {
  const records = vega('flights-10k.json');
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { origin } of records) counts.set(String(origin), (counts.get(String(origin)) ?? 0) + 1);
  const busiest = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, AIRPORTS);
  const names = new Set(busiest.map(([name]) => name));
  return cellsOf(
    records
      .filter(({ origin }) => names.has(String(origin)))
      .map(({ date, delay, distance, origin }) => ({ date, delay, distance, origin })),
  );
};

/**
 * Returns a function that reads a table that tables.py writes.
 *
 * @param {string} name
 * @returns {() => Promise<Cells>}
 */
const bundled = (name) => async () => {
  const file = join(CACHE, 'sources', `${name}.csv`);
  if (!existsSync(file)) await python('tables.py', [join(CACHE, 'sources')]);
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
};

/** @type {Readonly<Record<string, Source>>} */
export const SOURCES = {
  penguins: { title: 'penguins of vega-datasets', load: async () => cellsOf(vega('penguins.json')) },
  cars: {
    title: 'cars of vega-datasets',
    load: async () => cellsOf(vega('cars.json')),
    options: { leaveOut: ['Name'] },
  },
  flights: { title: `flights of vega-datasets, from the ${AIRPORTS} busiest airports`, load: flights },
  wine: { title: 'wine of scikit-learn', load: bundled('wine') },
  'breast-cancer': {
    title: 'breast cancer of scikit-learn, the ten means with the diagnosis',
    load: bundled('breast-cancer'),
  },
};

/** Share of the rows that no training reads. */
export const FRESH = 0.25;

/**
 * Returns the paths of `train.csv` and `fresh.csv` of a table for a seed, and writes the files if they are missing.
 *
 * @param {string} name
 * @param {number} seed
 */
export const preparedTable = async (name, seed) => {
  const folder = join(CACHE, 'splits', `${name}-${seed}`);
  const paths = { train: join(folder, 'train.csv'), fresh: join(folder, 'fresh.csv') };
  if (existsSync(paths.fresh)) return paths;
  const [head, ...rows] = await SOURCES[name].load();
  const order = core.drawPermutation(core.fold(core.key(seed), 19), rows.length);
  const fresh = Math.round(FRESH * rows.length);
  /** @param {Uint32Array} part */
  const text = (part) =>
    `${[head, ...Array.from(part, (row) => rows[row])].map((cells) => cells.map(quoted).join(',')).join('\n')}\n`;
  write(paths.train, text(order.slice(fresh)));
  write(paths.fresh, text(order.slice(0, fresh)));
  return paths;
};

/** @param {string} cell */
const quoted = (cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
