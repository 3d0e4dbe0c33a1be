// Data sets of the study by name. The field `kind` is `density` (a table), `toy`, or `anomalies` (a table of which one
// class is held out of training and must be detected among the test rows).
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { core, data } from '../bench/library.mjs';
import { factorLogDensity, factorTable } from './factors.mjs';
import { GIVEN, PUBLISHED, TABLES } from './places.mjs';
import { oneThread, studyPython } from './python.mjs';
import { TOYS } from './toys.mjs';
import { vega } from './vega.mjs';

/** @import { Frame, Toy } from '../../packages/tables/dist/index.js' */

/**
 * A table, the classes of its rows, and the known steps of its columns.
 *
 * @typedef {{ table: Frame; labels?: readonly number[]; steps?: Readonly<Record<string, number>> }} Loaded
 */

/**
 * A data set.
 *
 * @typedef {object} Source
 * @property {string} kind
 * @property {Toy} [toy]
 * @property {(row: Float32Array) => number} [logDensity] The true log-density of a row, if it has a closed form.
 * @property {() => Promise<Loaded>} [load]
 * @property {() => Promise<import('./split.mjs').Parts>} [parts] Loads the split that comes with the data set.
 * @property {string} [file] A file that tables.py or large_tables.py writes.
 * @property {readonly number[]} [classes] The classes to hold out, a different class for each seed.
 * @property {() => boolean} [isHere]
 */

/** @param {string} name */
const fileOf = (name) => join(TABLES, `${name}.csv`);

/**
 * Runs a program of this folder.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @throws an error with the output of the program if the program fails.
 */
const python = (program, ...args) => {
  const script = fileURLToPath(new URL(program, import.meta.url));
  execFileSync(studyPython.command, [script, ...args], { env: oneThread() });
};

/**
 * Loads a table of scikit-learn, and the classes of its rows if it has a column of classes. The first call of
 * `tables.py` writes all tables.
 *
 * @param {string} name
 * @returns {Promise<Loaded>}
 */
const bundled = async (name) => {
  const file = fileOf(name);
  if (!existsSync(file)) python('tables.py', TABLES);
  const table = await data.readFrame(file);
  const labels = table.columns.find((column) => column.name === 'class')?.numbers;
  return {
    table: { ...table, columns: table.columns.filter((column) => column.name !== 'class') },
    labels: labels && Array.from(labels),
  };
};

/**
 * Loads a table that is bundled with the command line.
 *
 * @param {'earthquakes' | 'zipcodes'} name
 * @returns {Promise<Loaded>}
 */
const real = async (name) => {
  const { realDatasets } = await import('../../apps/trainer/dist/dataset/bundled-tables.js');
  return { table: await realDatasets[name].load() };
};

const FLIGHTS = 100_000;

/**
 * Loads 100,000 of the 200,000 domestic flights in vega-datasets: delay in minutes, distance in miles, time of day in
 * hours.
 *
 * @returns {Promise<Loaded>}
 */
const flights = async () => {
  const rows = vega('flights-200k.json').map(({ delay, distance, time }) => ({ delay, distance, time }));
  const all = data.frameOf(rows, 'vega-datasets/flights-200k.json');
  // The file is sorted by time of day, so the rows are drawn at random.
  return {
    table: data.pickFrameRows(all, core.drawPermutation(core.key(0), all.rows).slice(0, FLIGHTS)),
    steps: { time: 1 / 60 },
  };
};

/**
 * @param {() => Promise<Loaded>} load
 * @returns {Source}
 */
const density = (load) => ({ kind: 'density', load });
/**
 * Returns a table of scikit-learn as a data set of kind `density`.
 *
 * @param {string} name
 * @returns {Source}
 */
const table = (name) => ({ ...density(() => bundled(name)), file: fileOf(name) });
/**
 * Returns one of the five tables of the paper on masked autoregressive flows, with the split of the paper. The data set
 * is available if `file` is in the folder that the variable IMPFLOW_STUDY_DATA names.
 *
 * @param {string} name
 * @param {string} file
 * @returns {Source}
 */
const published = (name, file) => ({
  kind: 'density',
  isHere: () => GIVEN !== undefined && existsSync(join(GIVEN, file)),
  parts: async () => {
    const folder = join(PUBLISHED, name);
    if (!existsSync(join(folder, 'test.csv'))) python('published.py', name, String(GIVEN), folder);
    const [train, validation, test] = await Promise.all(
      ['train', 'validation', 'test'].map((part) => data.readFrame(join(folder, `${part}.csv`))),
    );
    return { train, validation, test };
  },
});
/**
 * Returns a table of scikit-learn as a data set of kind `anomalies`, of which one class is held out.
 *
 * @param {string} name
 * @param {readonly number[]} classes
 * @returns {Source}
 */
const anomalies = (name, classes) => ({ ...table(name), kind: 'anomalies', classes });
/**
 * Returns a data set that is available only if `npm run setup:study` could write its file on this machine.
 *
 * @param {Source} source
 * @returns {Source}
 */
const large = (source) => ({ ...source, isHere: () => existsSync(String(source.file)) });

/**
 * @param {Toy} toy
 * @returns {Source}
 */
const ofToy = (toy) => {
  const { logDensity } = toy;
  return { kind: 'toy', toy, ...(logDensity === undefined ? {} : { logDensity: ([x, y]) => logDensity(x, y) }) };
};

/** @type {Readonly<Record<string, Source>>} */
export const SOURCES = {
  ...Object.fromEntries(
    ['wine', 'breast-cancer-10', 'breast-cancer-30', 'diabetes', 'digits'].map((name) => [name, table(name)]),
  ),
  earthquakes: density(() => real('earthquakes')),
  zipcodes: density(() => real('zipcodes')),
  flights: density(flights),
  ...Object.fromEntries(['hipparcos', 'gaia', 'letters', 'patches'].map((name) => [name, large(table(name))])),
  factors: { ...density(async () => ({ table: factorTable() })), logDensity: factorLogDensity },
  ...Object.fromEntries(Object.entries(TOYS).map(([name, toy]) => [name, ofToy(toy)])),
  power: published('power', 'power/data.npy'),
  gas: published('gas', 'gas/ethylene_CO.pickle'),
  hepmass: published('hepmass', 'hepmass/1000_train.csv'),
  miniboone: published('miniboone', 'miniboone/data.npy'),
  bsds300: published('bsds300', 'BSDS300/BSDS300.hdf5'),
  'wine-anomalies': anomalies('wine', [0, 1, 2]),
  // The held-out class is the class of malignant tumors.
  'breast-cancer-anomalies': anomalies('breast-cancer-30', [0]),
  'digits-anomalies': anomalies('digits', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
  'iris-anomalies': anomalies('iris', [0, 1, 2]),
  'shuttle-anomalies': large(anomalies('shuttle', [1])),
};

/**
 * Returns whether tables.py or published.py must run before the data set can be loaded.
 *
 * @param {Source} source
 */
export const needsPython = ({ file, parts }) => parts !== undefined || (file !== undefined && !existsSync(file));

/** Data sets whose files exist on this machine. */
export const SOURCES_HERE = Object.fromEntries(Object.entries(SOURCES).filter(([, { isHere }]) => isHere?.() ?? true));
