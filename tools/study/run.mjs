// `npm run study`: measures contenders on the same rows, for equal seconds. Skips measurements that have a record in
// docs/measured/study, so an interrupted study continues.
//   --only WORDS      only DATA/CONTENDER that contains one of these words: --only wine/nsf,zipcodes
//   --seeds N,N       seeds of the splits and the trainings (1,2,3; the defaults were chosen with 0)
//   --seconds N       seconds per training (60); processor seconds for contenders in Python. All have one thread
//   --jobs N          measurements in parallel (1); at most the number of idle cores
//   --again           measure again what has a record
//   --list            print what would be measured
//   --markdown FILE   measure nothing, write the page from the records: docs/study.md
// POWER, GAS, HEPMASS, MINIBOONE and BSDS300 are included if IMPFLOW_STUDY_DATA names a folder with their files: see
// published.py.
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine, versions } from '../bench/machine.mjs';
import { messageOf } from '../message-of.mjs';
import { compared } from './compare.mjs';
import { CONTENDERS } from './contenders.mjs';
import { curvesPicture, PICTURES } from './curves.mjs';
import { elsewhere } from './elsewhere.mjs';
import { studyPage } from './page.mjs';
import { readNumbers, scoresFile, write } from './places.mjs';
import { prepared } from './prepare.mjs';
import { studyPython } from './python.mjs';
import { allRecords, jobsOf, keepRecord, titleOf } from './records.mjs';
import { needsPython, SOURCES, SOURCES_HERE } from './sources.mjs';
import { heldOut, ranking } from './statistics.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seeds: { type: 'string', default: '1,2,3' },
    seconds: { type: 'string', default: '60' },
    jobs: { type: 'string', default: '1' },
    again: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    markdown: { type: 'string' },
  },
});
const started = performance.now();
/** @import { Job } from './records.mjs' */

/** @param {string} what */
const say = (what) =>
  process.stderr.write(`[study] ${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${what}\n`);
/** @param {string} what */
const fail = (what) => {
  console.error(`[study] ${what}`);
  return process.exit(2);
};

/**
 * The numbers of an option. Ends the program if one is not an integer of at least `least`.
 *
 * @param {'seeds' | 'seconds' | 'jobs'} option
 * @param {number} least
 */
const numbers = (option, least) =>
  values[option].split(',').map((text) => {
    if (!/^\d+$/.test(text) || Number(text) < least)
      fail(`Wrong --${option}: expected whole numbers from ${least}, got ${values[option]}.`);
    return Number(text);
  });
/** @param {'seconds' | 'jobs'} option */
const number = (option) => {
  const [first, ...others] = numbers(option, 1);
  return others.length === 0 ? first : fail(`Wrong --${option}: expected one number, got ${values[option]}.`);
};

/**
 * The figures that the page needs from a contender's numbers on the test rows.
 *
 * @param {readonly number[]} scores
 * @param {import('./prepare.mjs').Prepared} rows
 */
const judged = (scores, { normal }) => {
  if (normal === undefined) return { heldOut: heldOut(scores), anomalies: undefined };
  return {
    heldOut: undefined,
    anomalies: {
      ...ranking(
        scores.map((score) => -score),
        normal,
      ),
      normal,
      rows: scores.length,
    },
  };
};

/**
 * @param {Job} job
 * @param {number} seconds
 */
const measure = async (job, seconds) => {
  const rows = await prepared(job.data, job.seed);
  const spent = await CONTENDERS[job.contender].measure(job, { ...rows, seconds });
  const scores = readNumbers(scoresFile(job));
  if (scores.length !== rows.rows.test)
    throw new Error(
      `${job.contender} wrote ${scores.length} numbers: expected one for each of ${rows.rows.test} test rows.`,
    );
  const { folder: _folder, rows: counts, columns, logScale, split, steps, anomaly } = rows;
  const record = {
    ...job,
    budget: seconds,
    ...judged(scores, rows),
    ...spent,
    rows: counts,
    columns,
    logScale,
    split,
    ...(steps === undefined ? {} : { noise: steps }),
    ...(anomaly === undefined ? {} : { anomaly }),
    machine: machine(),
    versions: { ...versions(), ...spent.versions },
    date: new Date().toISOString().slice(0, 10),
  };
  keepRecord(record);
  return record;
};

/** @param {Awaited<ReturnType<typeof measure>>} record */
const summary = ({ heldOut: held, anomalies, processorSeconds }) =>
  `${held === undefined ? `AUC ${anomalies?.auc.toFixed(4)}` : `${held.nats.toFixed(4)} ± ${held.standardError.toFixed(4)} nats`}, ${processorSeconds.toFixed(0)} s of processor time`;

const { markdown: page } = values;
if (page !== undefined) {
  const records = allRecords();
  if (records.length === 0) fail('There are no records: expected some in docs/measured/study. Run: npm run study');
  const pictures = Object.entries(PICTURES).flatMap(([name, { title, kind, contenders }]) => {
    const png = curvesPicture({ records, sources: SOURCES, kind, title, contenders });
    if (png === undefined) return [];
    const file = `figures/${name}.png`;
    write(join(dirname(page), file), png);
    return [{ title, file }];
  });
  write(
    page,
    studyPage({
      records,
      contenders: CONTENDERS,
      sources: SOURCES,
      comparisons: compared(records),
      measurements: elsewhere(),
      pictures,
    }),
  );
  say(`${page} written`);
} else {
  const [seeds, seconds, side] = [numbers('seeds', 0), number('seconds'), number('jobs')];
  const only = values.only?.split(',') ?? [];
  const wish = { sources: SOURCES_HERE, contenders: CONTENDERS, seeds, only };
  if (jobsOf({ ...wish, again: true }).length === 0)
    fail(
      `Nothing is named ${values.only}: expected a part of DATA/CONTENDER. Data: ${Object.keys(SOURCES_HERE).join(', ')}; contenders: ${Object.keys(CONTENDERS).join(', ')}.`,
    );
  const jobs = jobsOf({ ...wish, again: values.again });
  if (values.list) {
    for (const job of jobs) console.log(`${titleOf(job)} seed ${job.seed}`);
    process.exit(0);
  }
  if (
    !studyPython.ready() &&
    jobs.some(({ data, contender }) => CONTENDERS[contender].python === true || needsPython(SOURCES[data]))
  )
    fail('The contenders in Python are not set up. Run: npm run setup:study');
  say(`${jobs.length} to measure`);
  let [next, failed] = [0, 0];
  const work = async () => {
    while (next < jobs.length) {
      const at = next++;
      const job = jobs[at];
      const title = `${at + 1} of ${jobs.length}, ${titleOf(job)} seed ${job.seed}`;
      try {
        say(`${title}: ${summary(await measure(job, seconds))}`);
      } catch (error) {
        // The others do not need it; the next run tries it again.
        failed++;
        say(`${title}: failed. ${messageOf(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(side, jobs.length) }, work));
  if (failed > 0) fail(`${failed} of ${jobs.length} measurements failed. The same command tries them again.`);
}
