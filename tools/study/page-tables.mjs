// Writes the tables of docs/study.md.
import { tableText } from '../markdown.mjs';
import { grouped } from './compare.mjs';

/**
 * @import { Comparison, Gap } from './compare.mjs'
 * @import { Contender } from './contenders.mjs'
 * @import { StudyRecord } from './records.mjs'
 * @import { Source } from './sources.mjs'
 */

/** @typedef {readonly [data: string, records: readonly StudyRecord[]]} Group */
/** @typedef {Readonly<Record<string, Pick<Contender, 'title' | 'options'>>>} Contenders */
/** @typedef {Readonly<Record<string, Pick<Source, 'kind'>>>} Sources */
/** @typedef {Readonly<Record<string, Comparison>>} Comparisons */
/** @typedef {Readonly<Record<string, Pick<Comparison, 'best' | 'against'>>>} Bests */

/**
 * @param {number} value
 * @param {number} digits
 */
export const fixed = (value, digits) =>
  Number.isFinite(value) ? value.toFixed(digits).replace(/^-(0\.?0*)$/, '$1') : '∞';
/** @param {readonly number[]} numbers */
export const range = (numbers, digits = 0) => {
  const [low, high] = [fixed(Math.min(...numbers), digits), fixed(Math.max(...numbers), digits)];
  return low === high ? low : `${low} to ${high}`;
};

/**
 * Returns the records grouped by data set, `[[data, records]]`, in the order of the sources.
 *
 * @param {readonly StudyRecord[]} records
 * @param {Sources} sources
 * @returns {readonly Group[]}
 */
export const byData = (records, sources) =>
  [...grouped(records, ({ data }) => data)].sort(
    ([a], [b]) => Object.keys(sources).indexOf(a) - Object.keys(sources).indexOf(b),
  );

/**
 * Returns the names of the contenders that have a record, in the order of `contenders`.
 *
 * @param {readonly StudyRecord[]} records
 * @param {Contenders} contenders
 */
export const columnsOf = (records, contenders) =>
  Object.keys(contenders).filter((name) => records.some(({ contender }) => contender === name));

/**
 * Returns a cell of a table. The best contender is bold. A contender within one paired standard error of the best is
 * marked with ≈. The cell has the number of seeds if another contender was measured for more seeds.
 *
 * @param {readonly StudyRecord[]} own
 * @param {(own: readonly StudyRecord[]) => string} shown
 * @param {Pick<Comparison, 'best' | 'against'>} comparison
 * @param {number} most
 */
const cell = (own, shown, { best, against }, most) => {
  if (own.length === 0) return '–';
  const [{ contender }] = own;
  const near = against[contender];
  const text = `${shown(own)}${own.length < most ? ` (${own.length} of ${most} seeds)` : ''}`;
  if (contender === best) return `**${text}**`;
  return contender !== 'truth' && near !== undefined && near.difference <= near.standardError ? `${text} ≈` : text;
};

/**
 * Returns a table with one row per data set and one column per contender.
 *
 * @param {readonly Group[]} groups
 * @param {readonly string[]} names
 * @param {Bests} comparisons
 * @param {(own: readonly StudyRecord[]) => string} shown
 */
export const grid = (groups, names, comparisons, shown) =>
  tableText(
    ['data', ...names],
    groups.map(([data, all]) => {
      const most = Math.max(...[...grouped(all, ({ contender }) => contender).values()].map((own) => own.length));
      return [
        data,
        ...names.map((name) =>
          cell(
            all.filter(({ contender }) => contender === name),
            shown,
            comparisons[data],
            most,
          ),
        ),
      ];
    }),
  );

/**
 * @param {readonly Group[]} groups
 * @param {readonly string[]} names
 * @param {Comparisons} comparisons
 * @param {number} digits
 */
export const gaps = (groups, names, comparisons, digits) =>
  tableText(
    ['data', 'best', ...names],
    groups.map(([data]) => {
      const { best, against } = comparisons[data];
      return [
        data,
        best,
        ...names.map((name) => {
          const found = against[name];
          return name === best || found === undefined
            ? '–'
            : `${fixed(found.difference, digits)} ± ${fixed(found.standardError, digits)}`;
        }),
      ];
    }),
  );

/**
 * Returns the table of differences from the contender `default`, or between pairs of contenders. A difference whose
 * absolute value is above its standard error is bold. Returns undefined if there are no differences.
 *
 * @param {readonly Group[]} groups
 * @param {readonly string[]} names
 * @param {Comparisons} comparisons
 * @param {'ours' | 'pairs'} of
 */
export const differences = (groups, names, comparisons, of) => {
  /**
   * @param {string} data
   * @param {string} name
   */
  const gapOf = (data, name) => comparisons[data][of][name];
  const found = groups.filter(([data]) => names.some((name) => gapOf(data, name) !== undefined));
  const columns = names.filter((name) => found.some(([data]) => gapOf(data, name) !== undefined));
  if (found.length === 0) return undefined;
  return tableText(
    ['data', ...columns.map((name) => (of === 'pairs' ? `\`${name}\`` : name))],
    found.map(([data]) => [data, ...columns.map((name) => clear(gapOf(data, name)))]),
  );
};

/** @param {Gap | undefined} gap */
const clear = (gap) => {
  if (gap === undefined) return '–';
  const text = `${fixed(gap.difference, 3)} ± ${fixed(gap.standardError, 3)}`;
  return Math.abs(gap.difference) > gap.standardError ? `**${text}**` : text;
};
