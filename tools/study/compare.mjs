// Finds the best contender for each data set, and the differences of the others from it on the same rows.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNumbers, RECORDS, scoresFile, write } from './places.mjs';
import { combined, pairedAuc, pairedNats } from './statistics.mjs';

const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
/** Nats, or 1 minus the AUC: lower is better. */
export const lossOf = ({ heldOut, anomalies }) => (heldOut === undefined ? 1 - anomalies.auc : heldOut.nats);

/** A map from name to members. */
export const grouped = (list, name) =>
  list.reduce((groups, each) => groups.set(name(each), [...(groups.get(name(each)) ?? []), each]), new Map());

/** The contender with the lowest mean `loss` among those with the most seeds; the true distribution is excluded. */
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

/** Pairs that are compared in addition to the best: the first minus the second. */
export const PAIRS = ['spectral', 'sandwich', 'shallow'].map((nets) => [`implicit-${nets}`, `residual-${nets}`]);

/** The contender that all others are compared with in addition to the best: `impflow train` without options. */
export const OURS = 'default';

/** The name of a pair of contenders, independent of their order. */
const pairName = (first, second) => [first, second].sort().join(' - ');

/** The difference with first and second swapped. */
const reversed = ({ losses, difference, ...rest }) => ({
  ...rest,
  losses: losses.toReversed(),
  difference: -difference,
});

/**
 * The differences of every pair of contenders on every seed, if the numbers of their test rows are here, or if an
 * earlier comparison of the same losses and rows is `stored`.
 */
const gapsOf = (records, stored, scores) => {
  const numbers = new Map(
    records
      .filter((record) => Number.isFinite(lossOf(record)) && existsSync(scores(record)))
      .map((record) => [record, readNumbers(scores(record))]),
  );
  const known = (name, record, losses) =>
    stored[name]?.find((each) => each.split === record.split && String(each.losses) === String(losses));
  const found = {};
  for (const own of grouped(records, ({ seed }) => seed).values()) {
    for (const record of own) {
      for (const other of own.filter(({ contender }) => contender > record.contender)) {
        const name = pairName(record.contender, other.contender);
        const losses = [record, other].map(lossOf);
        const [a, b] = [numbers.get(record), numbers.get(other)];
        const paired = () =>
          record.anomalies === undefined
            ? pairedNats(a, b)
            : pairedAuc(
                a.map((x) => -x),
                b.map((x) => -x),
                record.anomalies.normal,
              );
        const gap =
          a !== undefined && b !== undefined
            ? { seed: record.seed, split: record.split, losses, ...paired() }
            : known(name, record, losses);
        if (gap !== undefined) (found[name] ??= []).push(gap);
      }
    }
  }
  return found;
};

/**
 * Returns `{ [data]: { best, against: { [contender]: gap }, ours: { [contender]: gap }, pairs: { [first]: gap } } }`. A
 * gap is `{ difference, standardError, seeds, of }`: the loss above that of the best, of {@link OURS}, or of the second
 * of a pair, in nats or AUC, on the same rows, over the seeds that both have. `of` is the other contender. A gap is
 * left out if the rows of one of these seeds are unknown.
 *
 * @remarks Reads the numbers of each test row, which are not in the repository. Without them, an earlier comparison is
 * kept, seed by seed, if both losses and the rows are the same. Writes the differences of each seed to
 * docs/measured/study.
 */
export const compared = (records, { folder = RECORDS, scores = scoresFile } = {}) =>
  Object.fromEntries(
    [...grouped(records, ({ data }) => data)].map(([data, all]) => {
      const file = join(folder, data, 'compared.json');
      const best = bestOf(all);
      const gaps = gapsOf(all, existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}, scores);
      write(file, `${JSON.stringify(gaps, null, 1)}\n`);
      const contenders = grouped(all, ({ contender }) => contender);
      const seedsOf = (contender) =>
        (contenders.get(contender) ?? []).filter((record) => Number.isFinite(lossOf(record))).map(({ seed }) => seed);
      const gap = (first, of) => {
        const seeds = seedsOf(first).filter((seed) => seedsOf(of).includes(seed));
        const own = (gaps[pairName(first, of)] ?? []).map((each) => (first < of ? each : reversed(each)));
        return seeds.length > 0 && own.length === seeds.length ? { ...combined(own), of } : undefined;
      };
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
