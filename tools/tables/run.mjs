// `npm run tables`: measures densities of tables and posteriors of simulators. Skips measurements that have a record in
// docs/measured/tables, so that an interrupted run continues.
//   --only WORDS      only DATA-METHOD that contains one of these words: --only penguins,slcp-nsf
//   --seeds N,N       seeds of the splits, the simulations and the trainings (1,2,3)
//   --seconds N       seconds per training of a table (30)
//   --posterior N     seconds per training of a posterior (60); sbi trains until it converges
//   --again           measure again what has a record
//   --list            print what would be measured
//   --markdown FILE   measure nothing, write the page from the records: docs/tables.md
//   --figure FILE     measure nothing, draw the posterior of two moons as the first seed was measured
import { parseArgs } from 'node:util';
import { machine, versions } from '../bench/machine.mjs';
import { drawPosterior } from './figure.mjs';
import { tablesPage } from './page.mjs';
import { allRecords, hasRecord, keepRecord, nameOf, write } from './places.mjs';
import { measurePosterior, METHODS } from './posteriors.mjs';
import { tablesPython } from './python.mjs';
import { SIMULATORS } from './simulators.mjs';
import { SOURCES } from './sources.mjs';
import { measureTable } from './table.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seeds: { type: 'string', default: '1,2,3' },
    seconds: { type: 'string', default: '30' },
    posterior: { type: 'string', default: '60' },
    again: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    markdown: { type: 'string' },
    figure: { type: 'string' },
  },
});
/** @param {string} what */
const say = (what) => console.error(`[tables] ${what}`);
/** @param {string} what */
const fail = (what) => {
  say(what);
  return process.exit(2);
};
/** @param {'seconds' | 'posterior'} option */
const seconds = (option) => {
  const number = Number(values[option]);
  return number > 0 ? number : fail(`Wrong --${option}: expected seconds above 0, got ${values[option]}.`);
};

if (values.markdown !== undefined) {
  const records = allRecords();
  if (records.length === 0) fail('There are no records: expected some in docs/measured/tables. Run: npm run tables');
  write(values.markdown, tablesPage(records));
  say(`${values.markdown} written`);
  process.exit(0);
}
if (!tablesPython.ready()) fail('The rivals in Python are not set up. Run: npm run setup:tables');
const seeds = values.seeds.split(',').map((text) => {
  if (!/^\d+$/.test(text)) fail(`Wrong --seeds: expected whole numbers, got ${values.seeds}.`);
  return Number(text);
});
if (values.figure !== undefined) {
  await drawPosterior(seeds[0], values.figure);
  say(`${values.figure} written`);
  process.exit(0);
}
const words = values.only?.split(',') ?? [''];
const all = seeds.flatMap((seed) => [
  ...Object.keys(SOURCES).map((data) => ({ data, method: 'table', seed })),
  ...Object.keys(SIMULATORS).flatMap((data) => Object.keys(METHODS).map((method) => ({ data, method, seed }))),
]);
const jobs = all.filter((job) => words.some((word) => nameOf(job).includes(word)) && (values.again || !hasRecord(job)));
if (values.list) {
  for (const job of jobs) console.log(nameOf(job));
  process.exit(0);
}
const [budget, posterior] = [seconds('seconds'), seconds('posterior')];
let failed = 0;
for (const [i, job] of jobs.entries()) {
  const title = `${i + 1} of ${jobs.length}, ${nameOf(job)}`;
  try {
    const isTable = job.method === 'table';
    /** @type {Record<string, any>} */
    const measured = isTable ? await measureTable(job, budget) : await measurePosterior(job, posterior);
    const { versions: theirs = {}, ...found } = measured;
    keepRecord({
      ...job,
      budget: isTable ? budget : posterior,
      ...found,
      machine: machine(),
      versions: { ...versions(), ...theirs },
      date: new Date().toISOString().slice(0, 10),
    });
    say(`${title}: done`);
  } catch (error) {
    failed++;
    say(`${title}: ${error instanceof Error ? error.stack : String(error)}`);
  }
}
process.exitCode = failed > 0 ? 1 : 0;
