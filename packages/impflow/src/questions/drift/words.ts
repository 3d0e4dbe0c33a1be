import type { ColumnSpec } from '@impflow/tables';
import { number, withError } from '../../text/format.ts';
import type { ColumnDrift, Drift, PairDrift } from './drift.ts';
import type { Feature } from './features.ts';

type Parts = Omit<Drift, 'because' | 'remarks'>;

/** Largest number of columns, and of pairs, that the sentences name. */
const NAMED = 3;

/** Returns what a shift of a feature means, such as `the mean fell`. `difference` is the shift, new minus reference. */
export const changeOf = (
  { kind, level, columns: own }: Feature,
  columns: ColumnSpec | readonly ColumnSpec[],
  difference?: number,
): string => {
  const named = own.map((j) => (isList(columns) ? columns[j]! : columns));
  const of = isList(columns) && kind !== 'relation' && named.length > 0 ? ` of ${named[0]!.name}` : '';
  const moved = (up: string, down: string): string =>
    difference === undefined || difference === 0 ? '' : difference > 0 ? ` ${up}` : ` ${down}`;
  const [column] = named;
  switch (kind) {
    case 'log-density':
      return 'the log-density of the row';
    case 'value':
      return `the level${of}${moved('rose', 'fell')}`;
    case 'spread':
      return `the spread${of}${moved('grew', 'shrank')}`;
    case 'gaps':
      return `the share of gaps${of}${moved('grew', 'shrank')}`;
    case 'category': {
      const text = column?.kind === 'category' ? column.levels[level!] : undefined;
      return `the share of ${text === undefined ? 'rare or unseen categories' : `"${text}"`}${of}${moved('grew', 'shrank')}`;
    }
    case 'relation':
      return `the relation of ${named.map(({ name }) => name).join(' and ')}`;
  }
};

const isList = (columns: ColumnSpec | readonly ColumnSpec[]): columns is readonly ColumnSpec[] =>
  Array.isArray(columns);

/** Returns the result of a comparison, and the columns and pairs that explain it, in sentences. */
export const becauseOf = (parts: Parts): string => {
  const { drifted, pValue, alpha, stream } = parts;
  const rate = `${number(100 * alpha, 3)} %`;
  const result = drifted
    ? `Drift: the new rows have another distribution than the reference rows (p = ${number(pValue, 2)}).`
    : `${stream.alarm === undefined ? 'No' : 'As a whole, the table shows no'} drift at a rate of false alarms of ${rate}: p = ${number(pValue, 2)}.`;
  return [result, ...(drifted ? causes(parts) : []), ...streamWords(stream, rate)].join(' ');
};

const streamWords = ({ alarm, since, feature }: Drift['stream'], rate: string): readonly string[] =>
  alarm === undefined
    ? []
    : [
        `In the order of the rows, ${feature} raised the alarm at row ${number(alarm)} (false alarms: ${rate}); the change probably began at row ${number(since)}.`,
      ];

/** Returns the names of the columns and pairs whose p-value is at most alpha. If every p-value is larger, returns the column or the pair with the smallest p-value. */
export const namedCauses = ({
  columns,
  pairs,
  alpha,
}: Pick<Drift, 'columns' | 'pairs' | 'alpha'>): {
  readonly columns: readonly ColumnDrift[];
  readonly pairs: readonly PairDrift[];
} => {
  const sure = {
    columns: columns.filter(({ pValue }) => pValue <= alpha),
    pairs: pairs.filter(({ pValue }) => pValue <= alpha),
  };
  if (sure.columns.length + sure.pairs.length > 0) return sure;
  const [column, pair] = [columns[0], pairs[0]];
  return pair !== undefined && pair.pValue < (column?.pValue ?? 2)
    ? { columns: [], pairs: [pair] }
    : { columns: column === undefined ? [] : [column], pairs: [] };
};

const causes = (parts: Parts): readonly string[] => {
  const { columns, pairs } = namedCauses(parts);
  const cost = ({ column, nats, standardError }: ColumnDrift): string =>
    `${column} given the other columns: ${withError(nats, standardError)} nats worse`;
  const names = new Set([...columns.map(({ column }) => column), ...pairs.flatMap((pair) => [...pair.columns])]);
  const costly = parts.columns
    .filter(({ column, nats, natsPValue }) => names.has(column) && natsPValue <= parts.alpha && nats > 0)
    .toSorted((a, b) => b.nats - a.nats);
  const sentences = [
    ...first(columns, ({ column, change }) => `${column}: ${change}`),
    ...first(costly, cost),
    ...first(pairs, pairText),
  ];
  const isSure = [...columns, ...pairs].some(({ pValue }) => pValue <= parts.alpha);
  return sentences.length === 0
    ? []
    : [`${isSure ? 'Cause' : 'Most likely cause, not certain'}: ${sentences.join('; ')}.`];
};

const first = <T>(list: readonly T[], textOf: (each: T) => string): readonly string[] => [
  ...list.slice(0, NAMED).map(textOf),
  ...(list.length > NAMED ? [`and ${list.length - NAMED} more`] : []),
];

/** Describes a changed relation of two columns. */
export const pairText = ({ columns: [a, b], measure, reference, now }: PairDrift): string =>
  `the relation of ${a} and ${b} changed (${measure} ${reference.toFixed(2)}, now ${now.toFixed(2)})`;

/** Returns what was sampled or left out, in sentences. */
export const remarksOf = ({ counts, tests }: Parts): readonly string[] => [
  ...Object.entries({ 'reference rows': counts.reference, 'new rows': counts.rows }).flatMap(
    ([what, { all, tested, gaps, unsolved }]) => [
      ...(tested < all ? [`${number(tested)} of the ${number(all)} ${what} were tested, chosen at random.`] : []),
      ...(gaps > 0
        ? [
            `${number(gaps)} of the tested ${what} have gaps: the tests of log-densities leave them out, all other tests use them.`,
          ]
        : []),
      ...(unsolved > 0
        ? [`The solves of ${number(unsolved)} of the tested ${what} failed: they count as the least likely rows.`]
        : []),
    ],
  ),
  ...(tests.ratio === undefined
    ? [
        'The likelihood ratio on halves was left out, because there are too few rows without gaps, or a column has only one value: only the shifts were tested.',
      ]
    : []),
];
