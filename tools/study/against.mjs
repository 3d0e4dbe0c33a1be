// `node tools/study/against.mjs --tree FOLDER`: whether `fit` is as good as another commit of this project, checked out and
// set up in FOLDER. Both train on the same rows at the same time, each with one thread, and score the same fresh rows:
// this tree by `fit` in code, the other by `impflow train` and `impflow score`.
//   --tree FOLDER   the other tree
//   --only WORDS    only data sets whose name contains one of these words
//   --seeds N,N     seeds of the splits and the trainings (1,2,3)
//   --seconds N     seconds per training (60; 30 for the tables of docs/tables.md, as there)
//   --out FILE      JSON lines, one for each data set and seed; existing lines are not measured again
//   --markdown FILE measures nothing: writes the page from the lines
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { data } from '../bench/library.mjs';
import { machine, versions } from '../bench/machine.mjs';
import { preparedTable, SOURCES as TABLES } from '../tables/sources.mjs';
import { againstPage } from './against-page.mjs';
import { fitted, jsonOf } from './fitted.mjs';
import { CACHE, readNumbers, write } from './places.mjs';
import { prepared } from './prepare.mjs';
import { SOURCES } from './sources.mjs';
import { pairedAuc, pairedNats, ranking } from './statistics.mjs';

/** @typedef {{ title: string; seconds: number; files: (seed: number) => Promise<{ train: string; fresh: string; flags: readonly string[]; options: object; normal?: number }> }} Data */

const { values } = parseArgs({
  options: {
    tree: { type: 'string' },
    only: { type: 'string', default: '' },
    seeds: { type: 'string', default: '1,2,3' },
    seconds: { type: 'string' },
    out: { type: 'string', default: fileURLToPath(new URL('../../docs/measured/against.jsonl', import.meta.url)) },
    markdown: { type: 'string' },
  },
});
/** @param {string} what */
const say = (what) => console.error(`[against] ${what}`);

/** @type {readonly (readonly [string, Data])[]} */
const ALL = [
  ...Object.entries(SOURCES)
    .filter(([, { kind, parts }]) => kind !== 'toy' && parts === undefined)
    .map(([name]) => /** @type {const} */ ([name, ofStudy(name)])),
  ...Object.keys(TABLES).map((name) => /** @type {const} */ ([`${name}-table`, ofTables(name)])),
];

/**
 * A data set of the study, with its own validation and test rows.
 *
 * @param {string} name
 * @returns {Data}
 */
function ofStudy(name) {
  return {
    title: name,
    seconds: 60,
    files: async (seed) => {
      const { folder, normal } = await prepared(name, seed);
      const [train, validation, fresh] = ['train', 'validation', 'test'].map((part) => join(folder, `${part}.csv`));
      return {
        train,
        fresh,
        flags: ['--validation', validation, '--test', fresh],
        options: { validation, test: fresh },
        ...(normal === undefined ? {} : { normal }),
      };
    },
  };
}

/**
 * A table of docs/tables.md: the training holds out rows itself.
 *
 * @param {string} name
 * @returns {Data}
 */
function ofTables(name) {
  const flags = TABLES[name].options ?? [];
  return {
    title: `${name}-table`,
    seconds: 30,
    files: async (seed) => ({
      ...(await preparedTable(name, seed)),
      flags,
      options: flags.includes('--leave-out') ? { leaveOut: [flags[flags.indexOf('--leave-out') + 1]] } : {},
    }),
  };
}

/**
 * @param {string} name
 * @param {Data} source
 * @param {number} seed
 * @param {string} tree
 */
const measure = async (name, source, seed, tree) => {
  const folder = join(CACHE, 'against', `${name}-${seed}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { train, fresh, flags, options, normal } = await source.files(seed);
  const seconds = values.seconds === undefined ? source.seconds : Number(values.seconds);
  const [mine, theirs, model] = ['fit.txt', 'scores.csv', 'model'].map((file) => join(folder, file));
  const command = join(tree, 'apps/trainer/bin/impflow.mjs');
  const [own, other] = await Promise.all([
    fitted({ train, fresh, scores: mine, options: { ...options, seconds, seed } }),
    jsonOf(
      command,
      'train',
      '--data',
      train,
      ...flags,
      '--seconds',
      String(seconds),
      '--seed',
      String(seed),
      '--workers',
      '1',
      '--out',
      model,
      '--json',
      '--quiet',
    ).then(async (result) => {
      await jsonOf(command, 'score', model, fresh, '--out', theirs, '--json', '--quiet');
      return result;
    }),
  ]);
  const { columns } = await data.readFrame(theirs, { columns: ['log_density'] });
  const pairs = readNumbers(mine)
    .map((value, row) => /** @type {const} */ ([value, columns[0].numbers[row]]))
    .filter((pair) => !pair.some(Number.isNaN));
  const [ours, before] = [0, 1].map((side) => pairs.map((pair) => pair[side]));
  return {
    data: name,
    seed,
    seconds,
    rows: pairs.length,
    ...(normal === undefined ? comparedNats(ours, before) : comparedAuc(ours, before, normal)),
    steps: { fit: own.steps, before: other.steps },
    won: own.won,
  };
};

/**
 * @param {readonly number[]} ours Log-densities.
 * @param {readonly number[]} before
 */
const comparedNats = (ours, before) => ({
  figure: 'nats',
  fit: -meanOf(ours),
  before: -meanOf(before),
  ...pairedNats(before, ours),
});

/**
 * @param {readonly number[]} ours Log-densities, the first `normal` of normal rows.
 * @param {readonly number[]} before
 * @param {number} normal
 */
const comparedAuc = (ours, before, normal) => {
  const [a, b] = [ours, before].map((scores) => scores.map((score) => -score));
  return { figure: 'AUC', fit: ranking(a, normal).auc, before: ranking(b, normal).auc, ...pairedAuc(b, a, normal) };
};

/** @param {readonly number[]} numbers */
const meanOf = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

const lines = existsSync(values.out)
  ? readFileSync(values.out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];
if (values.markdown !== undefined) {
  write(values.markdown, againstPage(lines));
  say(`${values.markdown} written`);
  process.exit(0);
}
if (values.tree === undefined || !existsSync(join(values.tree, 'apps/trainer/bin/impflow.mjs'))) {
  say(`Wrong --tree: expected a folder with another commit of this project, got ${values.tree ?? 'none'}.`);
  process.exit(2);
}
const tree = resolve(values.tree);
const words = values.only.split(',');
mkdirSync(dirname(values.out), { recursive: true });
for (const seed of values.seeds.split(',').map(Number))
  for (const [name, source] of ALL.filter(([each]) => words.some((word) => each.includes(word)))) {
    if (lines.some((line) => line.data === name && line.seed === seed)) continue;
    const measured = await measure(name, source, seed, tree);
    appendFileSync(
      values.out,
      `${JSON.stringify({ ...measured, machine: machine().cpu, commit: versions().impflow })}\n`,
    );
    const { figure, fit, before, difference, variance } = measured;
    say(
      `${name}, seed ${seed}: ${figure} ${fit.toFixed(4)} by fit, ${before.toFixed(4)} before; better by ${difference.toFixed(4)} ± ${Math.sqrt(variance).toFixed(4)}`,
    );
  }
