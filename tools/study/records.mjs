// Lists the jobs of the study, and reads and writes its records.
/**
 * @import { Source } from './sources.mjs'
 * @import { Contender } from './contenders.mjs'
 */

/**
 * @typedef {{ data: string; contender: string; seed: number; budget: number }} Job One measurement: a contender on a
 * data set for a seed. `budget` is the time of the training in seconds.
 */

/** The usual training time in seconds. The names of its jobs and files do not contain it. */
export const BUDGET = 60;
/** The long training time in seconds, which docs/study.md shows in tables of its own. */
export const LONG = 600;
/**
 * Returns what a training time adds to the names of jobs and files.
 *
 * @param {number} budget
 */
export const budgetName = (budget) => (budget === BUDGET ? '' : ` ${budget} s`);

/** @typedef {readonly (readonly [step: number, seconds: number, nats: number])[]} Curve */

/**
 * The fields of a record that are compared: the nats of a density, or the ranking of anomalies.
 *
 * @typedef {Job & {
 *   split: string;
 *   heldOut?: { nats: number; standardError?: number };
 *   anomalies?: { auc: number; normal: number; averagePrecision: number };
 * }} Measured
 */

/**
 * Further results of a training. `won` is the name of the model, `time` has the seconds of the stages of `fit`
 * (`Report.time`), `stepSeconds` is the time of the steps of all trainings, and `rowsPerSecond` is the number of training
 * rows per second of these steps.
 *
 * @typedef {object} Details
 * @property {string} [won]
 * @property {Readonly<Record<string, number>>} [time]
 * @property {number} [stepSeconds]
 * @property {number} [rowsPerSecond]
 */

/**
 * Results of the training of a contender. Parameters are numbers that are fitted or stored.
 *
 * @typedef {object} Spent
 * @property {number | null} [parameters]
 * @property {number} processorSeconds
 * @property {Curve} [curve]
 * @property {Details} [details]
 * @property {Readonly<Record<string, string>>} [versions]
 */

/**
 * @typedef {Measured & Omit<Spent, 'versions'> & {
 *   rows: { train: number; validation: number; test: number };
 *   columns: number;
 *   logScale: number;
 *   noise?: Readonly<Record<string, number>>;
 *   machine: { cpu: string; cores: number; memoryGiB: number };
 *   versions: Readonly<Record<string, string>>;
 *   date: string;
 * }} StudyRecord
 */

/**
 * Returns a record with infinite nats where JSON has null, because JSON has no infinity.
 *
 * @param {StudyRecord} record
 * @returns {StudyRecord}
 */
const withInfinity = (record) =>
  record.heldOut?.nats === null
    ? { ...record, heldOut: { ...record.heldOut, nats: Infinity, standardError: Infinity } }
    : record;

/**
 * Returns the records with infinite nats where JSON has null, and checks them.
 *
 * @param {readonly StudyRecord[]} found
 * @throws if two records of one data set and seed were measured on different rows, because their nats cannot be
 *   compared.
 */
export const checkedRecords = (found) => {
  const records = found.map(withInfinity);
  /** @type {Map<string, StudyRecord>} */
  const splits = new Map();
  for (const record of records) {
    const rows = `${record.data}, seed ${record.seed}`;
    const first = splits.get(rows) ?? record;
    splits.set(rows, first);
    if (first.split !== record.split)
      throw new Error(
        `[study] Records of ${rows} are of different rows: expected one split, got other rows for ${first.contender} and ${record.contender}. Measure one of them again with --again.`,
      );
  }
  return records;
};

/**
 * Returns all measurements, budget by budget and seed by seed. A contender is measured only on data sets of its `kinds`
 * for which `fits` is true.
 *
 * @param {object} all
 * @param {Readonly<Record<string, Source>>} all.sources By name.
 * @param {Readonly<Record<string, Pick<Contender, 'kinds' | 'fits'>>>} all.contenders By name.
 * @param {readonly number[]} all.seeds
 * @param {readonly number[]} all.budgets In seconds.
 * @returns {readonly (Job & { job: string })[]}
 */
export const jobsOf = ({ sources, contenders, seeds, budgets }) =>
  budgets.flatMap((budget) =>
    seeds.flatMap((seed) =>
      Object.entries(sources).flatMap(([data, source]) =>
        Object.entries(contenders)
          .filter(([, { kinds, fits }]) => kinds.includes(source.kind) && (fits?.(source, data) ?? true))
          .map(([contender]) => ({
            job: `${data}/${contender} ${seed}${budgetName(budget)}`,
            data,
            contender,
            seed,
            budget,
          })),
      ),
    ),
  );
