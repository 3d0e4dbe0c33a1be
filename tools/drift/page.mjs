import { tableText } from '../markdown.mjs';
import { measuredBy, unique } from '../measure/page.mjs';
import { DRIFTS } from './tables.mjs';

const { linesPlot } = await import('../../packages/plots/dist/index.js');

/** Rates of false alarms of the tables. */
const RATES = [0.01, 0.05];

/**
 * A method: its name, and which result of a record is its p-value or its alarm. Records of one drift are joined.
 *
 * @typedef {{ name: string; who: string; resultsOf: (record: any) => readonly (number | boolean)[] }} Method
 */

/** @param {readonly any[]} records @returns {readonly Method[]} */
const methodsOf = (records) => [
  ...Object.entries({
    '`model.drift`': 'pValue',
    'of it: shifts': 'shifts',
    'of it: likelihood ratio': 'ratio',
    'the stream of it, at any row': 'stream',
  }).map(([name, field]) => ({
    name,
    who: 'ours',
    resultsOf: (/** @type {any} */ { found }) => found.map((/** @type {any} */ each) => each[field] ?? 1),
  })),
  ...unique(records.filter(({ who }) => who !== 'ours').map(({ who }) => who)).flatMap((who) =>
    Object.keys(records.find((record) => record.who === who).found).map((name) => ({
      name: `${who}: ${name}`,
      who,
      resultsOf: (/** @type {any} */ { found }) => found[name],
    })),
  ),
];

/** Whether a result is an alarm at a rate. A method without p-values has its own rate. @param {number | boolean} result @param {number} rate */
const isAlarm = (result, rate) => (typeof result === 'boolean' ? result : result <= rate);

/** @param {readonly (number | boolean)[]} results @param {number} rate */
const shareOf = (results, rate) => results.filter((result) => isAlarm(result, rate)).length / results.length;

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

/**
 * Returns the parts of docs/drift.md and its picture. Missing records leave cells empty.
 *
 * @param {readonly any[]} records
 */
export const driftFiles = (records) => {
  const methods = methodsOf(records);
  /** @param {Method} method @param {string} drift @param {number} size */
  const resultsOf = ({ who, resultsOf: of }, drift, size) =>
    records.filter((record) => record.who === who && record.drift === drift && record.size === size).flatMap(of);
  const drifts = Object.entries(DRIFTS).filter(([drift]) => drift !== 'none');
  return {
    'docs/drift.md': {
      from: measuredBy('drift', records),
      level: levelText(methods, resultsOf),
      power: powerText(methods, drifts, resultsOf),
      cause: causeText(records, drifts),
      seconds: tableText(
        ['program', 'processor seconds for a pair'],
        unique(records.map(({ who }) => who)).map((who) => {
          const own = records.filter((record) => record.who === who && record.drift === 'none');
          return [
            who === 'ours' ? '`model.drift`' : who,
            own.length === 0
              ? ''
              : (own.reduce((sum, { secondsEach }) => sum + secondsEach, 0) / own.length).toFixed(2),
          ];
        }),
      ),
    },
    'docs/figures/drift-correlation.png': pictureOf(methods, resultsOf),
  };
};

/** @typedef {(method: Method, drift: string, size: number) => readonly (number | boolean)[]} ResultsOf */

/** @param {readonly Method[]} methods @param {ResultsOf} resultsOf */
const levelText = (methods, resultsOf) =>
  tableText(
    ['method', 'pairs without drift', ...RATES.map((rate) => `alarms at ${100 * rate} %`)],
    methods.flatMap((method) => {
      const results = resultsOf(method, 'none', 0);
      if (results.length === 0) return [];
      const own = RATES.map((rate) => {
        const share = shareOf(results, rate);
        return `${percent(share)} ± ${(100 * Math.sqrt((rate * (1 - rate)) / results.length)).toFixed(1)}`;
      });
      const cells = typeof results[0] === 'boolean' ? ['–', percent(shareOf(results, 0.05))] : own;
      return [[method.name, results.length, ...cells]];
    }),
  );

/** @param {readonly Method[]} methods @param {readonly [string, (typeof DRIFTS)[string]][]} drifts @param {ResultsOf} resultsOf */
const powerText = (methods, drifts, resultsOf) =>
  drifts
    .map(([drift, { sizes, unit }]) =>
      tableText(
        [`${drift}: ${unit}`, ...sizes.map(String), 'pairs'],
        methods.flatMap((method) => {
          const all = sizes.map((size) => resultsOf(method, drift, size));
          const counts = unique(all.map(({ length }) => length).filter((length) => length > 0));
          if (counts.length === 0) return [];
          return [
            [
              method.name,
              ...all.map((results) => (results.length === 0 ? '' : percent(shareOf(results, 0.05)))),
              counts.join(', '),
            ],
          ];
        }),
      ),
    )
    .join('\n\n');

/** @param {readonly any[]} records @param {readonly [string, (typeof DRIFTS)[string]][]} drifts */
const causeText = (records, drifts) =>
  tableText(
    ['drift', 'cause', 'detected pairs at 5 %', 'of these, the cause is named first'],
    drifts.flatMap(([drift, { cause }]) => {
      const found = records.flatMap((record) => (record.who === 'ours' && record.drift === drift ? record.found : []));
      const detected = found.filter(({ pValue }) => pValue <= 0.05);
      if (detected.length === 0) return [];
      const named = detected.filter(({ named: isNamed }) => isNamed);
      return [[drift, cause.join(' and '), detected.length, percent(named.length / detected.length)]];
    }),
  );

/** @param {readonly Method[]} methods @param {ResultsOf} resultsOf */
const pictureOf = (methods, resultsOf) => {
  const sizes = [0.6, ...DRIFTS.correlation.sizes].toReversed();
  const curves = methods
    .filter(({ name }) => !name.startsWith('of it'))
    .flatMap((method) => {
      const points = sizes.flatMap((size) => {
        const results = size === 0.6 ? resultsOf(method, 'none', 0) : resultsOf(method, 'correlation', size);
        return results.length === 0 ? [] : [{ x: size, y: 100 * shareOf(results, 0.05) }];
      });
      if (points.length < 2) return [];
      return [{ name: method.name.replaceAll('`', ''), x: points.map(({ x }) => x), y: points.map(({ y }) => y) }];
    });
  return linesPlot({
    title: 'Power on a shift of a correlation alone',
    subtitle: 'Share of pairs with an alarm at a rate of 5 %, or at the own rate of a method without p-values',
    xLabel: 'correlation of the new rows (reference rows: 0.6)',
    yLabel: 'alarms in %',
    curves,
  });
};
