// A table: trained by the command line, and judged on fresh rows.
import { join } from 'node:path';
import { filledGaps } from './gaps.mjs';
import { impflow, numbersOf } from './impflow.mjs';
import { folderOf, write } from './places.mjs';
import { python } from './python.mjs';
import { conditionalRanks, wrongCells } from './reasons.mjs';
import { independent, rivalRows, treeAndNormals } from './rivals.mjs';
import { preparedTable, SOURCES } from './sources.mjs';
import { mean } from './statistics.mjs';
import { trainedOn } from './trained.mjs';

/** @import { Job } from './places.mjs' */

/** False-alarm rates that p-values are checked at. */
const RATES = [0.05, 0.1, 0.2];

/**
 * @param {Job} job
 * @param {number} seconds
 * @param {readonly string[]} [options] More options of `train`.
 */
export const measureTable = async (job, seconds, options = []) => {
  const { train, fresh } = await preparedTable(job.data, job.seed);
  const folder = folderOf(job);
  const run = join(folder, 'run');
  const result = await impflow(
    'train',
    '--data',
    train,
    ...(SOURCES[job.data].options ?? []),
    ...options,
    '--seconds',
    String(seconds),
    '--seed',
    String(job.seed),
    '--out',
    run,
    '--force',
  );
  const scores = join(folder, 'scores.csv');
  await impflow('score', run, fresh, '--out', scores, '--force');
  const trained = await trainedOn(run, fresh);
  const pValues = [...numbersOf(scores).p_value].filter((p) => !Number.isNaN(p));
  return {
    rows: { train: trained.train.rows, validation: trained.validation.rows, fresh: trained.fresh.rows },
    columns: trained.spec.columns.map(({ name, kind }) => ({ name, kind })),
    nats: await natsOf(trained, folder),
    ranks: conditionalRanks(trained),
    gaps: filledGaps(trained, job.seed),
    wrongCells: wrongCells(trained, job.seed),
    falseAlarms: RATES.map((rate) => ({ rate, alarms: pValues.filter((p) => p <= rate).length, rows: pValues.length })),
    seconds: result.seconds,
    processorSeconds: result.processorSeconds,
    steps: result.steps,
    bestStep: result.bestStep,
    parameters: result.parameters,
  };
};

/**
 * Mean loss on the complete fresh rows, in nats, of the run and of its rivals.
 *
 * @param {Awaited<ReturnType<typeof trainedOn>>} trained
 * @param {string} folder
 */
const natsOf = async ({ spec, trained, train, validation, cells, fresh }, folder) => {
  const { records } = await import('../bench/library.mjs');
  const parts = {
    train: rivalRows(spec, train),
    validation: rivalRows(spec, validation),
    fresh: rivalRows(spec, fresh),
  };
  const file = join(folder, 'rows.json');
  write(file, JSON.stringify(parts));
  const mixtures = await python('mixtures.py', [file]);
  const categories = records.logCategoriesOf(spec, fresh);
  const own = [...trained.score(records.frameOfValues(cells, spec.columns, 'fresh rows')).values];
  const rivals = {
    independent: independent(spec, parts.train, parts.fresh),
    treeAndNormals: treeAndNormals(spec, parts.train, parts.fresh, fresh),
    mixtures: mixtures.logs.map(
      (/** @type {number} */ log, /** @type {number} */ i) => log + parts.fresh.logDet[i] + categories[i],
    ),
  };
  return {
    impflow: -mean(own),
    ...Object.fromEntries(
      Object.entries(rivals).map(([name, logs]) => [name, { nats: -mean(logs), ...difference(own, logs) }]),
    ),
    chosen: { column: mixtures.column, components: mixtures.components, covariance: mixtures.covariance },
  };
};

/**
 * How many nats a rival loses more than the run, with the standard error over rows.
 *
 * @param {readonly number[]} own
 * @param {readonly number[]} rival
 */
const difference = (own, rival) => {
  const each = own.map((log, i) => log - rival[i]);
  const middle = mean(each);
  const variance = mean(each.map((value) => (value - middle) ** 2));
  return { behind: middle, standardError: Math.sqrt(variance / each.length) };
};
