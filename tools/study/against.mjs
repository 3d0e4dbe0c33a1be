// `npm run measure -- against --tree FOLDER` compares `fit` with another commit of this project, which is checked out
// and set up in FOLDER. This working tree and the other commit train on the same rows at the same time, each with one
// thread, and score the same fresh rows. This working tree calls the function `fit`; the other commit runs `impflow
// train` and `impflow score`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { data as tables } from '../bench/library.mjs';
import { mean } from '../bench/statistics.mjs';
import { tableText } from '../markdown.mjs';
import { jsonOf } from '../measure/child.mjs';
import { preparedTable, SOURCES as TABLES } from '../tables/sources.mjs';
import { fitted } from './fitted.mjs';
import { CACHE, readNumbers } from './places.mjs';
import { prepared } from './prepare.mjs';
import { SOURCES } from './sources.mjs';
import { combined, pairedAuc, pairedNats, ranking } from './statistics.mjs';

/**
 * One split of a data set, and the options of `fit`. `train` is the file of the training rows, and `fresh` the file of
 * the rows that are scored.
 *
 * @typedef {{ train: string; fresh: string; options: Readonly<Record<string, any>>; normal?: number }} Files
 */

/**
 * Data sets of the study, which have their own validation and test rows, and tables of docs/tables.md, from which the
 * training itself holds out rows.
 *
 * @type {Readonly<Record<string, { seconds: number; files: (seed: number) => Promise<Files> }>>}
 */
const DATA = {
  ...Object.fromEntries(
    Object.entries(SOURCES)
      .filter(([, { kind, parts }]) => kind !== 'toy' && parts === undefined)
      .map(([name]) => [name, { seconds: 60, files: (/** @type {number} */ seed) => filesOfStudy(name, seed) }]),
  ),
  ...Object.fromEntries(
    Object.entries(TABLES).map(([name, { options = {} }]) => [
      `${name}-table`,
      { seconds: 30, files: async (/** @type {number} */ seed) => ({ ...(await preparedTable(name, seed)), options }) },
    ]),
  ),
};

/**
 * @param {string} name
 * @param {number} seed
 */
const filesOfStudy = async (name, seed) => {
  const { folder, normal } = await prepared(name, seed);
  const [train, validation, fresh] = ['train', 'validation', 'test'].map((part) => join(folder, `${part}.csv`));
  return { train, fresh, options: { validation, test: fresh }, normal };
};

/** @type {import('../measure/measure.mjs').Program} */
export const program = {
  name: 'against',
  about: '`fit` compared with another commit of this project, on the same rows at the same time.',
  options: {
    tree: { value: '', help: 'folder with the other commit' },
    seeds: { value: [1, 2, 3], help: 'seeds of the splits and the trainings' },
    seconds: { value: '', help: 'seconds per training; default: 60, and 30 for tables of docs/tables.md' },
  },
  jobs: ({ seeds }) =>
    seeds.flatMap((/** @type {number} */ seed) =>
      Object.keys(DATA).map((data) => ({ job: `${data} ${seed}`, data, seed })),
    ),
  missing: ({ tree }) =>
    existsSync(commandOf(tree))
      ? undefined
      : `Wrong --tree: expected a folder with another commit of this project, got "${tree}".`,
  run: async ({ data, seed }, { values }) => measured(data, seed, values),
  pages: (records) => ({ '': againstPage(records) }),
};

/** @param {string} tree */
const commandOf = (tree) => join(resolve(tree), 'apps/trainer/bin/impflow.mjs');

/**
 * @param {string} name
 * @param {number} seed
 * @param {Record<string, any>} values
 */
const measured = async (name, seed, { tree, seconds: asked }) => {
  const folder = join(CACHE, 'against', `${name}-${seed}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const seconds = asked === '' ? DATA[name].seconds : Number(asked);
  const { train, fresh, options, normal } = await DATA[name].files(seed);
  const [ownScores, otherScores, model] = ['fit.txt', 'scores.csv', 'model'].map((file) => join(folder, file));
  const other = async () => {
    const flags = Object.entries({ ...options, seconds, seed, workers: 1, out: model }).flatMap(([option, value]) => [
      `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      value,
    ]);
    const result = await jsonOf(commandOf(tree), ['train', '--data', train, ...flags, '--json', '--quiet']);
    await jsonOf(commandOf(tree), ['score', model, fresh, '--out', otherScores, '--json', '--quiet']);
    return result;
  };
  const [own, before] = await Promise.all([
    fitted({ train, fresh, scores: ownScores, options: { ...options, workers: 1, seconds, seed } }),
    other(),
  ]);
  const { columns } = await tables.readFrame(otherScores, { columns: ['log_density'] });
  const pairs = readNumbers(ownScores)
    .map((value, row) => /** @type {const} */ ([value, columns[0].numbers[row]]))
    .filter((pair) => !pair.some(Number.isNaN));
  const [a, b] = [0, 1].map((side) => pairs.map((pair) => pair[side]));
  return {
    seconds,
    rows: pairs.length,
    ...(normal === undefined ? comparedNats(a, b) : comparedAuc(a, b, normal)),
    steps: { fit: own.steps, before: before.steps },
    won: own.won,
    against: spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: tree, encoding: 'utf8' }).stdout.trim(),
  };
};

/**
 * @param {readonly number[]} ours Log-densities.
 * @param {readonly number[]} before
 */
const comparedNats = (ours, before) => ({
  figure: 'nats',
  fit: -mean(ours),
  before: -mean(before),
  ...pairedNats(before, ours),
});

/**
 * @param {readonly number[]} ours Log-densities, the first `normal` are of normal rows.
 * @param {readonly number[]} before
 * @param {number} normal
 */
const comparedAuc = (ours, before, normal) => {
  const [a, b] = [ours, before].map((scores) => scores.map((score) => -score));
  return { figure: 'AUC', fit: ranking(a, normal).auc, before: ranking(b, normal).auc, ...pairedAuc(b, a, normal) };
};

/**
 * Returns a table with the losses of this working tree and of the other commit. If a difference is above 0, this
 * working tree is better.
 *
 * @param {readonly any[]} records
 */
const againstPage = (records) =>
  tableText(
    ['data', 'figure', 'seeds', '`fit`', 'before', 'better by'],
    [...new Set(records.map(({ data }) => data))].map((data) => {
      const own = records.filter((record) => record.data === data);
      const { difference, standardError, seeds } = combined(own);
      const means = [own.map(({ fit }) => fit), own.map(({ before }) => before)].map((all) => mean(all).toFixed(4));
      return [data, own[0].figure, seeds, ...means, `${difference.toFixed(4)} ± ${standardError.toFixed(4)}`];
    }),
  );
