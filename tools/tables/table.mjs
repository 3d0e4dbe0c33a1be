// Fits a table, and measures the result on fresh rows.
import { join } from 'node:path';
import { data } from '../bench/library.mjs';
import { mean } from '../bench/statistics.mjs';
import { fitted } from '../study/fitted.mjs';
import { write } from '../study/places.mjs';
import { pairedNats } from '../study/statistics.mjs';
import { filledGaps } from './gaps.mjs';
import { folderOf } from './places.mjs';
import { python } from './python.mjs';
import { conditionalRanks, wrongCells } from './reasons.mjs';
import { independent, rivalRows, treeAndNormals } from './rivals.mjs';
import { preparedTable, SOURCES } from './sources.mjs';
import { trainedOn } from './trained.mjs';

/** @import { Job } from './places.mjs' */

/** False-alarm rates at which p-values are checked. */
const RATES = [0.05, 0.1, 0.2];

/**
 * @param {Job} job
 * @param {number} seconds
 */
export const measureTable = async (job, seconds) => {
  const { train, fresh } = await preparedTable(job.data, job.seed);
  const folder = folderOf(job);
  const run = join(folder, 'run');
  const result = await fitted({
    train,
    fresh,
    scores: join(folder, 'scores.txt'),
    options: { ...SOURCES[job.data].options, seconds, seed: job.seed },
    save: run,
    pValues: true,
  });
  const trained = await trainedOn(run, fresh);
  const pValues = result.pValues.filter((/** @type {number | null} */ p) => p !== null);
  return {
    rows: { train: trained.train.rows, validation: trained.validation.rows, fresh: trained.fresh.rows },
    columns: trained.spec.columns.map(({ name, kind }) => ({ name, kind })),
    nats: await natsOf(trained, folder),
    ranks: conditionalRanks(trained),
    gaps: filledGaps(trained, job.seed),
    wrongCells: wrongCells(trained, job.seed),
    falseAlarms: RATES.map((rate) => ({
      rate,
      alarms: pValues.filter((/** @type {number} */ p) => p <= rate).length,
      rows: pValues.length,
    })),
    seconds: result.seconds,
    processorSeconds: result.processorSeconds,
    steps: result.steps,
    bestStep: result.bestStep,
    parameters: result.parameters,
  };
};

/**
 * Returns the mean loss on the complete fresh rows in nats, of the run and of the simpler densities in rivals.mjs.
 *
 * @param {Awaited<ReturnType<typeof trainedOn>>} trained
 * @param {string} folder
 */
const natsOf = async ({ spec, trained, train, validation, cells, fresh }, folder) => {
  const parts = {
    train: rivalRows(spec, train),
    validation: rivalRows(spec, validation),
    fresh: rivalRows(spec, fresh),
  };
  const file = join(folder, 'rows.json');
  write(file, JSON.stringify(parts));
  const mixtures = await python('mixtures.py', [file]);
  const categories = data.logCategoriesOf(spec, fresh);
  const own = [...trained.score(data.frameOfValues(cells, spec.columns, 'fresh rows')).values];
  const rivals = {
    independent: independent(spec, parts.train, parts.fresh),
    treeAndNormals: treeAndNormals(spec, parts.train, parts.fresh, fresh),
    mixtures: mixtures.logs.map(
      (/** @type {number} */ log, /** @type {number} */ i) => log + parts.fresh.logDet[i] + categories[i],
    ),
  };
  return {
    impflow: -mean(own),
    ...Object.fromEntries(Object.entries(rivals).map(([name, logs]) => [name, behind(own, logs)])),
    chosen: { column: mixtures.column, components: mixtures.components, covariance: mixtures.covariance },
  };
};

/**
 * Returns the loss of a density of rivals.mjs, and by how many nats it exceeds the loss of the run, with the standard
 * error over rows.
 *
 * @param {readonly number[]} own
 * @param {readonly number[]} rival
 */
const behind = (own, rival) => {
  const { difference, variance } = pairedNats(rival, own);
  return { nats: -mean(rival), behind: difference, standardError: Math.sqrt(variance) };
};
