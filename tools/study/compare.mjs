// Finds the best contender for each data set, and the differences of the others from it on the same rows.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNumbers, RECORDS, scoresFile, write } from './places.mjs';
import { combined, pairedAuc, pairedNats } from './statistics.mjs';

/** @import { Measured } from './records.mjs' */

/**
 * The difference of one contender from another on one seed, by names in order.
 *
 * @typedef {object} SeedGap
 * @property {number} seed
 * @property {string} split
 * @property {readonly number[]} losses
 * @property {number} difference
 * @property {number} variance
 */

/**
 * The difference from another contender on the same rows: the loss above it, in nats or AUC, over the seeds that both
 * have.
 *
 * @typedef {object} Gap
 * @property {number} difference
 * @property {number} standardError
 * @property {number} seeds
 * @property {string} of The other contender.
 */

/**
 * The comparisons on one data set: with the best, with {@link OURS}, and of {@link PAIRS}, by contender.
 *
 * @typedef {object} Comparison
 * @property {string} best
 * @property {Readonly<Record<string, Gap>>} against
 * @property {Readonly<Record<string, Gap>>} ours
 * @property {Readonly<Record<string, Gap>>} pairs
 */

/** @param {readonly number[]} numbers */
const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
/**
 * Nats, or 1 minus the AUC: lower is better.
 *
 * @param {Pick<Measured, 'heldOut' | 'anomalies'>} record
 */
export const lossOf = ({ heldOut, anomalies }) => heldOut?.nats ?? 1 - (anomalies?.auc ?? NaN);

/**
 * A map from name to members.
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
 * The contender with the lowest mean `loss` among the contenders with the most seeds. The true distribution is
 * excluded.
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
 * Pairs that are compared in addition to the best: the first minus the second.
 *
 * @type {readonly (readonly [first: string, second: string])[]}
 */
export const PAIRS = ['spectral', 'sandwich', 'shallow'].map((nets) => [`implicit-${nets}`, `residual-${nets}`]);

/** The contender that all others are compared with in addition to the best: `impflow train` without options. */
export const OURS = 'default';

/**
 * The name of a pair of contenders, independent of their order.
 *
 * @param {string} first
 * @param {string} second
 */
const pairName = (first, second) => [first, second].sort().join(' - ');

/**
 * The difference with first and second swapped.
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
 * The differences of every pair of contenders on every seed, if the numbers of their test rows are here, or if an
 * earlier comparison of the same losses and rows is `stored`.
 *
 * @param {readonly Measured[]} records
 * @param {Readonly<Record<string, readonly SeedGap[]>>} stored
 * @param {(record: Measured) => string} scores
 */
const gapsOf = (records, stored, scores) => {
  const numbers = new Map(
    records
      .filter((record) => Number.isFinite(lossOf(record)) && existsSync(scores(record)))
      .map((record) => [record, readNumbers(scores(record))]),
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
 * @param {Measured} record
 * @param {readonly number[]} a Numbers of the test rows.
 * @param {readonly number[]} b Numbers of the other contender.
 */
const pairedOn = ({ anomalies }, a, b) =>
  anomalies === undefined
    ? pairedNats(a, b)
    : pairedAuc(
        a.map((x) => -x),
        b.map((x) => -x),
        anomalies.normal,
      );

/**
 * Compares the contenders on each data set. A gap is left out if the rows of one of its seeds are unknown.
 *
 * @remarks Reads the numbers of each test row, which are not in the repository. Without them, an earlier comparison is
 * kept, seed by seed, if both losses and the rows are the same. Writes the differences of each seed to
 * docs/measured/study/compared.
 *
 * @param {readonly Measured[]} records
 * @param {{ folder?: string; scores?: (record: Measured) => string }} [places]
 * @returns {Readonly<Record<string, Comparison>>} by data set.
 */
export const compared = (records, { folder = RECORDS, scores = scoresFile } = {}) =>
  Object.fromEntries(
    [...grouped(records, ({ data }) => data)].map(([data, all]) => {
      const file = join(folder, 'compared', `${data}.json`);
      const best = bestOf(all);
      const gaps = gapsOf(all, existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}, scores);
      write(file, `${JSON.stringify(gaps, null, 1)}\n`);
      const contenders = grouped(all, ({ contender }) => contender);
      /** @param {string} contender */
      const seedsOf = (contender) =>
        (contenders.get(contender) ?? []).filter((record) => Number.isFinite(lossOf(record))).map(({ seed }) => seed);
      /**
       * @param {string} first
       * @param {string} of
       * @returns {Gap | undefined}
       */
      const gap = (first, of) => {
        const seeds = seedsOf(first).filter((seed) => seedsOf(of).includes(seed));
        const own = (gaps[pairName(first, of)] ?? []).map((each) => (first < of ? each : reversed(each)));
        return seeds.length > 0 && own.length === seeds.length ? { ...combined(own), of } : undefined;
      };
      /** @param {string} of */
      const against = (of) =>
        Object.fromEntries(
          [...contenders.keys()]
            .filter((contender) => contender !== of)
            .flatMap((contender) => {
              const found = gap(contender, of);
              return found === undefined ? [] : [[contender, found]];
            }),
        );
      const pairs = Object.fromEntries(
        PAIRS.flatMap(([first, second]) => {
          const found = gap(first, second);
          return found === undefined ? [] : [[first, found]];
        }),
      );
      return [data, { best, against: against(best), ours: against(OURS), pairs }];
    }),
  );
