// The measurements: a line of JSON for each contender and seed, in a file for each data set.
import { join } from 'node:path';
import { allLines, keepLine, readLines } from '../json-lines.mjs';
import { RECORDS } from './places.mjs';

/**
 * @import { Source } from './sources.mjs'
 * @import { Contender } from './contenders.mjs'
 */

/**
 * One measurement.
 *
 * @typedef {object} Job
 * @property {string} data
 * @property {string} contender
 * @property {number} seed
 */

/** @typedef {readonly (readonly [step: number, seconds: number, nats: number])[]} Curve */

/**
 * The part of a record that is compared: nats of a density, or the ranking of anomalies.
 *
 * @typedef {Job & {
 *   split: string;
 *   heldOut?: { nats: number; standardError?: number };
 *   anomalies?: { auc: number; normal: number; averagePrecision: number };
 * }} Measured
 */

/**
 * What a contender says about its training. Parameters are numbers that are fitted or stored.
 *
 * @typedef {object} Spent
 * @property {number | null} [parameters]
 * @property {number} processorSeconds
 * @property {Curve} [curve]
 * @property {Readonly<Record<string, string>>} [versions]
 */

/**
 * @typedef {Measured & Omit<Spent, 'versions'> & {
 *   budget: number;
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
 * @param {Pick<Job, 'data'>} job
 * @param {string} folder
 */
const fileOf = ({ data }, folder) => join(folder, `${data}.jsonl`);

/** @param {Pick<Job, 'contender' | 'seed'>} job */
const nameOf = ({ contender, seed }) => `${contender}-${seed}`;

/**
 * `data/contender`, in which `--only` searches.
 *
 * @param {Pick<Job, 'data' | 'contender'>} job
 */
export const titleOf = ({ data, contender }) => `${data}/${contender}`;

/**
 * Whether a record exists; it is then not measured again.
 *
 * @param {Job} job
 * @param {string} [folder]
 */
export const hasRecord = (job, folder = RECORDS) =>
  readLines(fileOf(job, folder)).some((record) => nameOf(record) === nameOf(job));

/**
 * Writes a record. JSON has no infinity, so infinite nats become `null`.
 *
 * @param {Job} record
 * @param {string} [folder]
 */
export const keepRecord = (record, folder = RECORDS) => keepLine(fileOf(record, folder), record, nameOf);

/**
 * A record with its infinite nats, which JSON does not have.
 *
 * @param {StudyRecord} record
 * @returns {StudyRecord}
 */
const withInfinity = (record) =>
  record.heldOut?.nats === null
    ? { ...record, heldOut: { ...record.heldOut, nats: Infinity, standardError: Infinity } }
    : record;

/**
 * All records, by data, contender and seed.
 *
 * @param {string} [folder]
 * @returns {readonly StudyRecord[]}
 * @throws if two records of the same data and seed have different rows: their nats cannot be compared.
 */
export const allRecords = (folder = RECORDS) => {
  const records = allLines(folder).map(withInfinity);
  /** @type {Map<string, StudyRecord>} */
  const splits = new Map();
  for (const record of records) {
    const rows = `${record.data}, seed ${record.seed}`;
    const first = splits.get(rows) ?? record;
    splits.set(rows, first);
    if (first.split !== record.split)
      throw new Error(
        `[study] Records of ${rows} are of different rows: expected one split, got those of ${first.contender} and ${record.contender}. Measure one of them again with --again.`,
      );
  }
  return records;
};

/**
 * What to measure.
 *
 * @typedef {object} Wish
 * @property {Readonly<Record<string, Source>>} sources By name.
 * @property {Readonly<Record<string, Pick<Contender, 'kinds' | 'fits'>>>} contenders By name.
 * @property {readonly number[]} seeds
 * @property {readonly string[]} [only] Words, one of which `data/contender` must contain.
 * @property {boolean} [again] Whether to measure again what has a record.
 * @property {string} [folder] Of the records.
 */

/**
 * Returns the measurements to make, seed by seed. A contender is measured only on sources of its `kinds` that it
 * `fits`.
 *
 * @param {Wish} wish
 * @returns {readonly Job[]}
 */
export const jobsOf = ({ sources, contenders, seeds, only = [], again = false, folder = RECORDS }) =>
  seeds
    .flatMap((seed) =>
      Object.entries(sources).flatMap(([data, source]) =>
        Object.entries(contenders)
          .filter(([, { kinds, fits }]) => kinds.includes(source.kind) && (fits?.(source) ?? true))
          .map(([contender]) => ({ data, contender, seed })),
      ),
    )
    .filter((job) => only.length === 0 || only.some((word) => titleOf(job).includes(word)))
    .filter((job) => again || !hasRecord(job, folder));
