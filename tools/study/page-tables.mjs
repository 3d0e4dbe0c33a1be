import { table } from '../markdown.mjs';
// The tables of the study's page.
import { grouped, OURS, PAIRS } from './compare.mjs';

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

/** @param {readonly number[]} numbers */
export const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
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
 * `[[data, records]]`, in the order of the sources.
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
 * The contenders with a record, in their own order.
 *
 * @param {readonly StudyRecord[]} records
 * @param {Contenders} contenders
 */
export const columnsOf = (records, contenders) =>
  Object.keys(contenders).filter((name) => records.some(({ contender }) => contender === name));

/**
 * Bold if best, marked if within one paired standard error of it, with the number of seeds if others have more.
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
 * One row per data set, one column per contender.
 *
 * @param {readonly Group[]} groups
 * @param {readonly string[]} names
 * @param {Bests} comparisons
 * @param {(own: readonly StudyRecord[]) => string} shown
 */
export const grid = (groups, names, comparisons, shown) =>
  table(
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
  table(
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
 * Differences of the others from ours, on tables.
 *
 * @param {readonly Group[]} groups
 * @param {Contenders} contenders
 * @param {Comparisons} comparisons
 */
export const besideOurs = (groups, contenders, comparisons) => {
  const found = groups.filter(([data]) => Object.keys(comparisons[data].ours).length > 0);
  const names = Object.keys(contenders).filter((name) =>
    found.some(([data]) => comparisons[data].ours[name] !== undefined),
  );
  if (found.length === 0) return [];
  return [
    `Nats above \`${OURS}\`, with paired standard errors: above 0, \`${OURS}\` is ahead. Bold: more than ` +
      'a standard error, either way. –: not measured, or the numbers of these test rows are not stored.',
    ...table(
      ['data', ...names],
      found.map(([data]) => [data, ...names.map((name) => clear(comparisons[data].ours[name]))]),
    ),
  ];
};

/**
 * A difference, bold if it is larger than its standard error.
 *
 * @param {Gap | undefined} gap
 */
const clear = (gap) => {
  if (gap === undefined) return '–';
  const text = `${fixed(gap.difference, 3)} ± ${fixed(gap.standardError, 3)}`;
  return Math.abs(gap.difference) > gap.standardError ? `**${text}**` : text;
};

/**
 * Implicit against residual blocks with the same nets.
 *
 * @param {readonly Group[]} groups
 * @param {Comparisons} comparisons
 */
export const paired = (groups, comparisons) => {
  const found = groups.filter(([data]) => Object.keys(comparisons[data].pairs).length > 0);
  if (found.length === 0) return [];
  const names = PAIRS.map(([first]) => first).filter((first) =>
    found.some(([data]) => comparisons[data].pairs[first] !== undefined),
  );
  return [
    '## Implicit against residual blocks',
    '',
    'Loss of the implicit flow less that of the residual flow with the same nets, at equal parameters ' +
      'and seconds, with paired standard errors: below 0, the implicit flow is better. Bold: more than a ' +
      'standard error, either way.',
    ...table(
      ['data', ...names.map((name) => `\`${name}\``)],
      found.map(([data]) => [data, ...names.map((name) => clear(comparisons[data].pairs[name]))]),
    ),
  ];
};
