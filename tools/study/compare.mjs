// For each data set who is best, and how far the others are from that on the same rows.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNumbers, RECORDS, scoresFile, write } from './places.mjs';
import { combined, pairedAuc, pairedNats } from './statistics.mjs';

const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
/** Nats, or what is missing to an AUC of 1: lower is better. */
export const lossOf = ({ heldOut, anomalies }) => (heldOut === undefined ? 1 - anomalies.auc : heldOut.nats);

/** A map from name to members. */
export const grouped = (list, name) => list.reduce((groups, each) => groups.set(name(each), [...groups.get(name(each)) ?? [], each]), new Map());

/** The contender of the least mean `loss` among those with the most seeds; the distribution itself does not take part. */
export const bestOf = (records, loss = lossOf) => {
  const groups = [...grouped(records.filter(({ contender }) => contender !== 'truth'), ({ contender }) => contender)];
  const most = Math.max(...groups.map(([, own]) => own.length));
  return groups.filter(([, own]) => own.length === most).map(([contender, own]) => ({ contender, mean: mean(own.map(loss)) })).reduce((least, each) => (each.mean < least.mean ? each : least)).contender;
};

/** What is asked besides who is best: the difference of the first to the second. */
export const PAIRS = ['spectral', 'sandwich', 'shallow'].map((nets) => [`implicit-${nets}`, `residual-${nets}`]);

/** The contender that all others are set against besides the best: what people get without options. */
export const OURS = 'default';

/** The rows of a seed. */
const splitOf = ({ seed, split }) => `${seed} ${split}`;

/**
 * `{ [data]: { best, splits, against: { [contender]: gap }, ours: { [contender]: gap }, pairs: { [first]: gap } } }`, where a gap is `{ difference, standardError, seeds, of, losses }`: the loss above that of the
 * best, of {@link OURS}, or of the second of a pair, in nats or AUC, on the same rows; `of` is the other one, `losses` the means of both.
 *
 * @remarks Reads the numbers of each test row, which are beside the repository. Where they are missing, what was compared before stands, as long as both losses and the rows are
 * the same. Writes what it compared, to docs/measured/study.
 */
export const compared = (records, { folder = RECORDS, scores = scoresFile } = {}) => Object.fromEntries([...grouped(records, ({ data }) => data)].map(([data, all]) => {
  const stored = join(folder, data, 'compared.json');
  const best = bestOf(all);
  const splits = [...new Set(all.map(splitOf))].sort();
  const before = existsSync(stored) ? JSON.parse(readFileSync(stored, 'utf8')) : {};
  const contenders = grouped(all, ({ contender }) => contender);
  /** Gap between two contenders on the seeds that both have; undefined where there is none, or its rows are missing and it is not `known`. */
  const gap = (first, of, known) => {
    const pairs = (contenders.get(first) ?? []).flatMap((record) => (contenders.get(of) ?? []).filter(({ seed }) => seed === record.seed).map((other) => [record, other]))
      .filter((pair) => pair.every((record) => Number.isFinite(lossOf(record))));
    if (pairs.length === 0) return undefined;
    const losses = [0, 1].map((side) => mean(pairs.map((pair) => lossOf(pair[side]))));
    if (!pairs.flat().every((record) => existsSync(scores(record)))) {
      return known?.of === of && String(known.losses) === String(losses) && pairs.every(([record]) => before.splits?.includes(splitOf(record))) ? known : undefined;
    }
    return { ...combined(pairs.map(([record, other]) => {
      const [a, b] = [record, other].map((each) => readNumbers(scores(each)));
      return record.anomalies === undefined ? pairedNats(a, b) : pairedAuc(a.map((x) => -x), b.map((x) => -x), record.anomalies.normal);
    })), of, losses };
  };
  const found = (entries) => Object.fromEntries(entries.filter(([, each]) => each !== undefined));
  const against = found([...contenders.keys()].filter((contender) => contender !== best).map((contender) => [contender, gap(contender, best, before.against?.[contender])]));
  const others = contenders.has(OURS) ? [...contenders.keys()].filter((contender) => contender !== OURS) : [];
  const ours = found(others.map((contender) => [contender, gap(contender, OURS, before.ours?.[contender] ?? earlierToOurs(before, contender))]));
  const pairs = found(PAIRS.map(([first, second]) => [first, gap(first, second, before.pairs?.[first])]));
  const result = { best, splits, against, ours, pairs };
  write(stored, `${JSON.stringify(result, null, 1)}\n`);
  return [data, result];
}));

/** The gap to ours as an earlier comparison with the best has it: ours was the best, or the other one was. */
const earlierToOurs = ({ best, against }, contender) => {
  if (best === OURS) return against[contender];
  const gap = best === contender ? against[OURS] : undefined;
  return gap && { ...gap, difference: -gap.difference, of: OURS, losses: gap.losses.toReversed() };
};
