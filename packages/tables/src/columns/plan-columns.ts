import { FlowError, isFlowError, problemOf, shown } from '@impflow/core';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import { codesIn } from './codes.ts';
import type { ColumnPlan, PlanOptions } from './column-plan.ts';
import { DAY } from './dates.ts';
import { planDates } from './plan-dates.ts';
import { planFormat } from './plan-format.ts';
import { codesPlan, identifiersError, textPlan, type Identifier } from './plan-text.ts';
import { roundedWholes } from './rounded-wholes.ts';
import { rowWeights } from './row-weights.ts';
import { isStoredIndex } from './stored-index.ts';
import { cellCounts, FEWEST, MOSTLY, presentIn } from './text-kinds.ts';

const AT = 'tables/planColumns';
/** Why a stored index is left out. */
export const STORED_INDEX = 'a stored index';

/**
 * Decides for each column of a table whether it holds numbers, dates, categories or weights, or is left out.
 *
 * @param frame All rows of the table, before they are split into training and test rows, so that the kind of a column
 * does not depend on the split.
 * @returns One plan for each column of the frame, in the order of the frame.
 * @throws `input` for text in a column of numbers, an identifier that is not left out, dates with an ambiguous order of
 * day and month, or with another order than `dayFirst`, wrong weights, and a table without a target number; `option` for unknown column names, a column name
 * in two options that exclude each other, and wrong periods.
 */
export const planColumns = (frame: Frame, options: PlanOptions = {}): readonly ColumnPlan[] => {
  checkNames(frame, options);
  const refusals: FlowError[] = [];
  const found = frame.columns.flatMap((column) => {
    try {
      return [planOf(column, frame, options)];
    } catch (error) {
      if (!isFlowError(error, 'input')) throw error;
      refusals.push(error);
      return [];
    }
  });
  const identifiers = found.filter((plan) => plan.kind === 'identifier');
  if (identifiers.length > 0) refusals.push(identifiersError(identifiers, frame));
  if (refusals.length > 0) throw joined(refusals, frame);
  const plans = found.filter((plan) => plan.kind !== 'identifier');
  checkPeriods(plans, options);
  if (!plans.some((plan) => plan.kind === 'number' && !plan.given))
    throw new FlowError('input', AT, `No column of numbers to train on in ${frame.source}`, {
      expected: 'at least one column of numbers that is not a condition',
      got: plans.map(({ name, kind }) => `${name} (${kind})`).join(', '),
      hint: 'Use a table with a numeric column that is not a condition, or name fewer conditions.',
    });
  return plans;
};

/** Returns one error with the problem and the hint of each error. */
const joined = (errors: readonly FlowError[], { source }: Frame): FlowError =>
  errors.length === 1
    ? errors[0]!
    : new FlowError('input', AT, `The columns of ${source} cannot be read, for ${errors.length} reasons`, {
        hint: errors
          .map((error, i) => `(${i + 1}) ${problemOf(error)}.${error.hint === undefined ? '' : ` ${error.hint}`}`)
          .join('\n'),
      });

const planOf = (column: FrameColumn, frame: Frame, options: PlanOptions): ColumnPlan | Identifier => {
  const { name, unit } = column;
  if (options.leaveOut?.includes(name) === true) return { name, kind: 'left out', why: 'as asked' };
  const given = options.given?.includes(name) === true;
  const counts = cellCounts(column);
  if (options.weights === name) {
    rowWeights(frame, name, AT);
    return { name, kind: 'weights' };
  }
  if (counts.size === 0) return { name, kind: 'left out', why: 'no cell has a value' };
  if (options.categorical?.includes(name) === true) return { name, kind: 'category', given };
  const period = periodOf(name, options);
  const { decimals = {} } = options;
  const decimal = Object.hasOwn(decimals, name) ? decimals[name] : undefined;
  if (decimal === undefined && period === undefined) {
    if (column.isCategory === true) return { name, kind: 'category', given, stored: true };
    if (isStoredIndex(column, frame)) return { name, kind: 'left out', why: STORED_INDEX };
    const codes = codesIn(column, { present: presentIn(counts), distinct: counts.size });
    if (codes !== undefined && !(codes.kind === 'telephone' && isRising(column)))
      return codesPlan(name, codes, counts, given);
  }
  const hasTexts = column.texts !== undefined;
  const format = planFormat(column, frame, { decimal, least: MOSTLY });
  const date = !hasTexts || format !== undefined ? undefined : planDates(column, frame, options);
  if (date === undefined && format === undefined && hasTexts) return textPlan(column, counts, frame, given);
  if (counts.size === 1) return { name, kind: 'left out', why: 'constant' };
  assertFinite(column, frame);
  const rounded = roundedWholes(column, frame);
  return {
    name,
    kind: 'number',
    given,
    ...(date === undefined ? {} : { date }),
    ...(format === undefined ? {} : { format }),
    ...(unit === undefined ? {} : { unit }),
    ...(column.grouped === undefined || decimal !== undefined ? {} : { grouped: column.grouped }),
    ...(rounded === undefined ? {} : { rounded }),
    ...(period === undefined ? {} : { period: date?.unit === 'seconds' ? DAY * period : period }),
    ...(isRising(column) ? { rising: true } : {}),
  };
};

/** @throws `input` for infinite cells, which no density can contain. */
const assertFinite = ({ name, numbers }: FrameColumn, frame: Frame): void => {
  const isInfinite = (value: number): boolean => Math.abs(value) === Infinity;
  const row = numbers.findIndex(isInfinite);
  if (row < 0) return;
  const cells = numbers.filter(isInfinite).length;
  const cell = numbers[row]! > 0 ? 'inf' : '-inf';
  throw new FlowError('input', AT, `Infinite numbers in the column "${name}" of ${frame.source}, ${frame.place(row)}`, {
    expected: 'finite numbers',
    got: cells === 1 ? '1 infinite cell' : `${cells} infinite cells, of which this is the first`,
    hint: `Repair the cells. If they mark missing cells, set the option gaps to ${name}:${cell}.`,
  });
};

/** Whether each value is one more than the largest earlier value. A few rows may repeat earlier values. */
const isRising = ({ numbers }: FrameColumn): boolean => {
  let [last, repeats] = [NaN, 0];
  for (const value of numbers) {
    if (value <= last) repeats++;
    else if (Number.isInteger(value) && (Number.isNaN(last) || value === last + 1)) last = value;
    else return false;
  }
  return numbers.length >= FEWEST && repeats <= (1 - MOSTLY) * numbers.length;
};

const checkNames = ({ columns, source }: Frame, options: PlanOptions): void => {
  const { given = [], categorical = [], leaveOut = [], weights, periodic = {}, decimals = {} } = options;
  const known = columns.map(({ name }) => name);
  const asked = [
    ...given,
    ...categorical,
    ...leaveOut,
    ...Object.keys(periodic),
    ...Object.keys(decimals),
    ...(weights === undefined ? [] : [weights]),
  ];
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new FlowError('option', AT, `Unknown column of ${source}`, {
      expected: `one of ${known.join(', ')}`,
      got: `"${unknown}"`,
      hint: 'Check the spelling.',
    });
  const roles = [...given, ...leaveOut, ...(weights === undefined ? [] : [weights])];
  const twice = roles.find((name, i) => roles.indexOf(name) !== i);
  if (twice !== undefined)
    throw new FlowError('option', AT, `The column "${twice}" has two meanings`, {
      expected: 'a condition, the weights, or a column to leave out',
      got: 'two of them',
      hint: 'Name it once.',
    });
};

const periodOf = (name: string, { periodic = {} }: PlanOptions): number | undefined =>
  Object.hasOwn(periodic, name) ? periodic[name] : undefined;

const checkPeriods = (plans: readonly ColumnPlan[], options: PlanOptions): void => {
  for (const { name, kind } of plans) {
    const period = periodOf(name, options);
    if (period === undefined || kind === 'left out') continue;
    if (!(period > 0 && period < Infinity))
      throw new FlowError('option', AT, `Wrong period of the column "${name}"`, {
        expected: 'a number above 0',
        got: shown(period),
        hint: 'Give the length of one turn in the unit of the column, such as 360.',
      });
    if (kind !== 'number')
      throw new FlowError('option', AT, `The column "${name}" cannot have a period`, {
        expected: 'a column of numbers or dates for a period',
        got: kind === 'weights' ? 'weights' : 'categories',
        hint: 'Give a period to numbers and dates only.',
      });
  }
};
