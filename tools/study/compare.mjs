// Finds the best contender for each data set, and the differences of all other contenders from the best on the same
// rows.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mean } from '../bench/statistics.mjs';
import { readLines } from '../json-lines.mjs';
import { readNumbers, scoresFile } from './places.mjs';
import { combined, pairedAuc, pairedNats, ranking } from './statistics.mjs';

/** @import { Measured } from './records.mjs' */

/**
 * The loss of one contender minus the loss of a second contender, for one seed. The two contenders are in the order of
 * their names.
 *
 * @typedef {object} SeedGap
 * @property {number} seed
 * @property {string} split
 * @property {readonly number[]} losses
 * @property {number} difference
 * @property {number} variance
 */

/**
 * The loss of a contender minus the loss of the contender `of` on the same rows, in nats or AUC, over the seeds for
 * which both were measured.
 *
 * @typedef {object} Gap
 * @property {number} difference
 * @property {number} standardError
 * @property {number} seeds
 * @property {string} of Name of the contender whose loss is subtracted.
 */

/**
 * The comparisons on one data set, by contender: `against` has the differences from the best contender, `ours` the
 * differences from {@link OURS}, and `pairs` the differences of the pairs in {@link PAIRS}.
 *
 * @typedef {object} Comparison
 * @property {string} best
 * @property {Readonly<Record<string, Gap>>} against
 * @property {Readonly<Record<string, Gap>>} ours
 * @property {Readonly<Record<string, Gap>>} pairs
 */

/** File of the differences of each seed: a line for each data set and pair of contenders. */
export const COMPARED = 'docs/measured/study-compared.jsonl';

/** @typedef {{ data: string; budget: number; pair: string; seeds: readonly SeedGap[] }} PairGaps */

/**
 * Returns the loss of a record: nats, or 1 minus the AUC for anomalies. Lower is better.
 *
 * @param {Pick<Measured, 'heldOut' | 'anomalies'>} record
 */
export const lossOf = ({ heldOut, anomalies }) => heldOut?.nats ?? 1 - (anomalies?.auc ?? NaN);

/**
 * Returns a map from each name to the elements of the list with this name.
 *
 * @template T, Name
 * @param {readonly T[]} list
 * @param {(each: T) => Name} name
 */
export const grouped = (list, name) =>
  list.reduce(
    (groups, each) => groups.set(name(each), [...(groups.get(name(each)) ?? []), each]),
    /** @type {Map<Name, T[]>} */ (new Map()),
  );

/**
 * Returns the contender with the lowest mean `loss`, among the contenders that were measured for the largest number of
 * seeds. The true distribution is excluded.
 *
 * @template {Measured} R
 * @param {readonly R[]} records
 * @param {(record: R) => number} [loss]
 */
export const bestOf = (records, loss = lossOf) => {
  const groups = [
    ...grouped(
      records.filter(({ contender }) => contender !== 'truth'),
      ({ contender }) => contender,
    ),
  ];
  const most = Math.max(...groups.map(([, own]) => own.length));
  return groups
    .filter(([, own]) => own.length === most)
    .map(([contender, own]) => ({ contender, mean: mean(own.map(loss)) }))
    .reduce((least, each) => (each.mean < least.mean ? each : least)).contender;
};

/**
 * Pairs of contenders that are compared with each other, in addition to the comparison with the best: loss of the first
 * minus loss of the second.
 *
 * @type {readonly (readonly [first: string, second: string])[]}
 */
export const PAIRS = ['spectral', 'sandwich', 'shallow', 'paper'].map((nets) => [
  `implicit-${nets}`,
  `residual-${nets}`,
]);

/**
 * The contender with which all contenders are compared, in addition to the comparison with the best: `impflow train`
 * without options.
 */
export const OURS = 'default';

/**
 * Returns the name of a pair of contenders, which does not depend on their order.
 *
 * @param {string} first
 * @param {string} second
 */
const pairName = (first, second) => [first, second].sort().join(' - ');

/**
 * Returns the difference with the two contenders swapped.
 *
 * @param {SeedGap} gap
 * @returns {SeedGap}
 */
const reversed = ({ losses, difference, ...rest }) => ({
  ...rest,
  losses: losses.toReversed(),
  difference: -difference,
});

/**
 * Returns the differences of every pair of contenders for every seed. A difference is computed if the files with the
 * scores of the test rows exist. If a file is missing, the difference is taken from `stored`, provided that `stored`
 * has a comparison of the same losses and rows.
 *
 * @param {readonly Measured[]} records
 * @param {Readonly<Record<string, readonly SeedGap[]>>} stored
 * @param {(record: Measured) => string} scores
 */
const gapsOf = (records, stored, scores) => {
  const numbers = new Map(
    records
      .filter((record) => Number.isFinite(lossOf(record)) && existsSync(scores(record)))
      .map((record) => /** @type {const} */ ([record, readNumbers(scores(record))]))
      .filter(([record, own]) => areOf(record, own)),
  );
  /**
   * @param {string} name
   * @param {Measured} record
   * @param {readonly number[]} losses
   */
  const known = (name, record, losses) =>
    stored[name]?.find((each) => each.split === record.split && String(each.losses) === String(losses));
  /** @type {Record<string, SeedGap[]>} */
  const found = {};
  for (const own of grouped(records, ({ seed }) => seed).values()) {
    for (const record of own) {
      for (const other of own.filter(({ contender }) => contender > record.contender)) {
        const name = pairName(record.contender, other.contender);
        const losses = [record, other].map(lossOf);
        const [a, b] = [numbers.get(record), numbers.get(other)];
        const gap =
          a !== undefined && b !== undefined
            ? { seed: record.seed, split: record.split, losses, ...pairedOn(record, a, b) }
            : known(name, record, losses);
        if (gap !== undefined) (found[name] ??= []).push(gap);
      }
    }
  }
  return found;
};

/**
 * Returns whether the scores in a file belong to a record. A later measurement may have replaced the file.
 *
 * @param {Measured} record
 * @param {readonly number[]} numbers
 */
const areOf = (record, numbers) => {
  const odd = numbers.map((x) => -x);
  const loss = record.anomalies === undefined ? mean(odd) : 1 - ranking(odd, record.anomalies.normal).auc;
  return Math.abs(loss - lossOf(record)) <= 1e-9 * (1 + Math.abs(loss));
};

/**
 * @param {Measured} record
 * @param {readonly number[]} a Scores of the test rows.
 * @param {readonly number[]} b Scores of the second contender.
 */
const pairedOn = ({ anomalies }, a, b) =>
  anomalies === undefined
    ? pairedNats(a, b)
    : pairedAuc(
        a.map((x) => -x),
        b.map((x) => -x),
        anomalies.normal,
      );

/** @returns {readonly PairGaps[]} */
const storedGaps = () => readLines(fileURLToPath(new URL(`../../${COMPARED}`, import.meta.url)));

/**
 * Compares the contenders on each data set, in records of one budget. Returns the comparisons by data set, and the
 * differences for each seed, which the caller stores. A comparison is left out if the difference for one of its seeds is
 * unknown.
 *
 * @remarks Reads the scores of each test row, which are not in the repository. If the scores are missing, the stored
 *   difference for a seed is used, provided that losses and rows have not changed.
 *
 * @param {readonly Measured[]} records
 * @param {{ stored?: readonly PairGaps[]; scores?: (record: Measured) => string }} [places]
 */
export const compared = (records, { stored = storedGaps(), scores = scoresFile } = {}) => {
  /** @type {PairGaps[]} */
  const kept = [];
  /** @type {Record<string, Comparison>} */
  const comparisons = {};
  for (const [data, all] of grouped(records, (record) => record.data)) {
    const [{ budget }] = all;
    const own = stored
      .filter((each) => each.data === data && each.budget === budget)
      .map(({ pair, seeds }) => [pair, seeds]);
    const gaps = gapsOf(all, Object.fromEntries(own), scores);
    kept.push(...Object.entries(gaps).map(([pair, seeds]) => ({ data, budget, pair, seeds })));
    comparisons[data] = comparisonOf(all, gaps);
  }
  return { comparisons, gaps: kept };
};

/**
 * @param {readonly Measured[]} all Records of one data set.
 * @param {Readonly<Record<string, readonly SeedGap[]>>} gaps By pair.
 * @returns {Comparison}
 */
const comparisonOf = (all, gaps) => {
  const contenders = grouped(all, ({ contender }) => contender);
  /** @param {string} contender */
  const seedsOf = (contender) =>
    (contenders.get(contender) ?? []).filter((record) => Number.isFinite(lossOf(record))).map(({ seed }) => seed);
  /**
   * @param {string} first
   * @param {string} of
   * @returns {readonly [string, Gap][]}
   */
  const gap = (first, of) => {
    const seeds = seedsOf(first).filter((seed) => seedsOf(of).includes(seed));
    const own = (gaps[pairName(first, of)] ?? []).map((each) => (first < of ? each : reversed(each)));
    return seeds.length > 0 && own.length === seeds.length ? [[first, { ...combined(own), of }]] : [];
  };
  /** @param {string} of */
  const against = (of) =>
    Object.fromEntries([...contenders.keys()].flatMap((contender) => (contender === of ? [] : gap(contender, of))));
  const best = bestOf(all);
  const pairs = Object.fromEntries(PAIRS.flatMap(([first, second]) => gap(first, second)));
  return { best, against: against(best), ours: against(OURS), pairs };
};
