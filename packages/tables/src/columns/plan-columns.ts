import { FlowError, shown } from '@impflow/core';
import { isGapAmongNumbers } from '../frame/cells.ts';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import { listed } from '../frame/printable.ts';
import type { Decimal } from '../frame/simple-number.ts';
import { dateFormatOf, dateNumbers, DAY, type DateFormat } from './dates.ts';
import { differentUnits, type FoundFormat } from './find-number-format.ts';
import { planFormat } from './plan-format.ts';
import { roundedWholes, type RoundedWholes } from './rounded-wholes.ts';
import { rowWeights } from './row-weights.ts';
import { categoryText } from './values.ts';

/**
 * Choices of the user for the columns of a table. If the user makes no choice for a column, its kind is found from its
 * cells.
 */
export interface PlanOptions {
  /**
   * Names of the columns that are conditions: the density describes all other columns, given these columns. Default: no
   * conditions.
   */
  readonly given?: readonly string[];
  /**
   * Names of the columns that are read as categories although their cells are numbers. Default: no column of numbers is
   * read as categories.
   */
  readonly categorical?: readonly string[];
  /** Names of the columns to leave out. Default: all columns are used. */
  readonly leaveOut?: readonly string[];
  /** Name of the column that contains the weights of the rows. Default: all rows have equal weight. */
  readonly weights?: string;
  /**
   * Periods of angles and times, by column name, in the unit of the column. For dates, with or without a time of day,
   * the unit is days. Default: no periodic columns.
   */
  readonly periodic?: Readonly<Record<string, number>>;
  /**
   * Order of day and month in dates such as 03/04/2020. A column whose dates show the other order is refused. Default:
   * the order is found from the dates of each column. If the order is ambiguous, an error is thrown.
   */
  readonly dayFirst?: boolean;
  /**
   * Decimal signs of columns of numbers, by column name. The other sign then separates thousands. Default: the sign is
   * found from the cells of the column.
   */
  readonly decimals?: Readonly<Record<string, Decimal>>;
}

/** Describes how a column is used. A plan is made before anything is fitted to the values of the column. */
export type ColumnPlan = { readonly name: string } & (
  | {
      readonly kind: 'number';
      readonly given: boolean;
      readonly date?: DateFormat;
      /** How the numbers are written. Undefined if they are plain numbers. */
      readonly format?: FoundFormat;
      /** A cell such as `1.234`, if the sign in the numbers may be a decimal sign or separate thousands. */
      readonly grouped?: string;
      /** Whole numbers that are rounded. Undefined if no number is rounded. */
      readonly rounded?: RoundedWholes;
      /**
       * Period of an angle or a time, in the unit of the numbers of the column. Undefined if the column is not
       * periodic.
       */
      readonly period?: number;
      /**
       * Whether the numbers are whole and rise by one from row to row, as row numbers do. A few rows may repeat earlier
       * numbers.
       */
      readonly rising?: true;
    }
  | {
      readonly kind: 'category';
      readonly given: boolean;
      /** Units of the cells, if all cells are numbers with units that differ, such as `500 g` and `3 kg`. */
      readonly units?: readonly string[];
    }
  | { readonly kind: 'weights' }
  | { readonly kind: 'left out'; readonly why: string }
);

const AT = 'tables/planColumns';
/**
 * A text column is an identifier if the number of its different cells, divided by the number of its cells, is larger
 * than this.
 */
const IDENTIFIER = 0.5;
/**
 * A column with fewer values than this number never counts as an identifier or as row numbers, because a few values may
 * all be different by chance.
 */
const FEWEST = 20;
/** If the fraction of numbers among the cells of a column is larger than this, a cell that is text is a mistake. */
const MOSTLY = 0.9;

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
  const plans = frame.columns.map((column) => planOf(column, frame, options));
  checkPeriods(plans, options);
  if (!plans.some((plan) => plan.kind === 'number' && !plan.given))
    throw new FlowError('input', AT, `No column of numbers to train on in ${frame.source}`, {
      expected: 'at least one column of numbers that is not a condition',
      got: plans.map(({ name, kind }) => `${name} (${kind})`).join(', '),
      hint: 'Use a table with a numeric column that is not a condition, or name fewer conditions.',
    });
  return plans;
};

const planOf = (column: FrameColumn, frame: Frame, options: PlanOptions): ColumnPlan => {
  const { name } = column;
  if (options.leaveOut?.includes(name) === true) return { name, kind: 'left out', why: 'as asked' };
  const given = options.given?.includes(name) === true;
  const cells = cellsOf(column);
  if (options.weights === name) {
    rowWeights(frame, name, AT);
    return { name, kind: 'weights' };
  }
  if (cells.distinct === 0) return { name, kind: 'left out', why: 'no cell has a value' };
  if (options.categorical?.includes(name) === true) return { name, kind: 'category', given };
  const period = periodOf(name, options);
  const { decimals = {} } = options;
  const decimal = Object.hasOwn(decimals, name) ? decimals[name] : undefined;
  const format = planFormat(column, frame, { decimal, least: MOSTLY });
  const date = cells.texts === 0 || format !== undefined ? undefined : dateOf(column, frame, options);
  if (date === undefined && format === undefined && cells.texts > 0) return categoryOf(column, cells, frame, given);
  if (cells.distinct === 1) return { name, kind: 'left out', why: 'constant' };
  const rounded = roundedWholes(column, frame);
  return {
    name,
    kind: 'number',
    given,
    ...(date === undefined ? {} : { date }),
    ...(format === undefined ? {} : { format }),
    ...(column.grouped === undefined || decimal !== undefined ? {} : { grouped: column.grouped }),
    ...(rounded === undefined ? {} : { rounded }),
    ...(period === undefined ? {} : { period: date?.unit === 'seconds' ? DAY * period : period }),
    ...(isRising(column) ? { rising: true } : {}),
  };
};

/**
 * Replaces marks such as `-` and `?` by undefined, because these marks stand for missing cells in a column of dates or
 * numbers.
 */
const withoutMarks = (texts: readonly (string | undefined)[]): readonly (string | undefined)[] =>
  texts.map((text) => (text === undefined || isGapAmongNumbers(text) ? undefined : text));

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

interface Cells {
  readonly present: number;
  readonly texts: number;
  readonly distinct: number;
}

const cellsOf = ({ numbers, texts, written }: FrameColumn): Cells => {
  const different = new Set<string>();
  let [present, text] = [0, 0];
  for (let row = 0; row < numbers.length; row++) {
    const own = categoryText(numbers[row]!, written?.[row]);
    if (own === undefined) continue;
    present++;
    if (texts?.[row] !== undefined) text++;
    different.add(own);
  }
  return { present, texts: text, distinct: different.size };
};

const categoryOf = (
  column: FrameColumn,
  { present, texts: count, distinct }: Cells,
  frame: Frame,
  given: boolean,
): ColumnPlan => {
  const { name, texts = [] } = column;
  if (present - count > MOSTLY * present) {
    const row = texts.findIndex((text) => text !== undefined && !isGapAmongNumbers(text));
    throw new FlowError('input', AT, `Text in the column "${name}" of ${frame.source}, ${frame.place(row)}`, {
      expected: 'a number, as in the other cells',
      got: `"${texts[row]!}"`,
      hint: `Repair that cell, leave it empty, or name the column in the option categorical.`,
    });
  }
  const units = differentUnits(column);
  if (present >= FEWEST && distinct > IDENTIFIER * present)
    throw new FlowError('input', AT, `The column "${name}" of ${frame.source} is an identifier`, {
      expected: 'categories that many rows share',
      got: `${distinct} different values in ${present} cells`,
      hint: `${units === undefined ? '' : `If the cells are numbers, write them in one unit; they have ${listed(units)}. `}Leave it out with the option leaveOut: ${name}`,
    });
  if (distinct === 1) return { name, kind: 'left out', why: 'constant' };
  return { name, kind: 'category', given, ...(units === undefined ? {} : { units }) };
};

const dateOf = (
  { name, numbers, texts = [] }: FrameColumn,
  frame: Frame,
  { dayFirst }: PlanOptions,
): DateFormat | undefined => {
  if (numbers.some((value) => !Number.isNaN(value))) return undefined;
  const found = dateFormatOf(withoutMarks(texts));
  if (found === undefined) return undefined;
  if (found.kind === 'almost') {
    if (found.dates < MOSTLY * found.texts) return undefined;
    throw new FlowError('input', AT, `No date in the column "${name}" of ${frame.source}, ${frame.place(found.row)}`, {
      expected: 'a date, as in the other cells',
      got: `"${found.text}"`,
      hint: `Repair that cell, leave it empty, or name the column in the option categorical.`,
    });
  }
  if (dayFirst !== undefined && found.dayFirst === !dayFirst) {
    const parsed = dateNumbers(withoutMarks(texts), { date: found.unit, dayFirst });
    const row = texts.findIndex((text, i) => text !== undefined && !isGapAmongNumbers(text) && Number.isNaN(parsed[i]));
    const [first, other] = dayFirst ? ['day', 'month'] : ['month', 'day'];
    throw new FlowError('input', AT, `No date in the column "${name}" of ${frame.source}, ${frame.place(row)}`, {
      expected: `a date with the ${first} first, as the option dayFirst says`,
      got: `"${texts[row]!}", which has the ${other} first, as all dates of the column can have`,
      hint: 'Leave the option dayFirst out: the order is then found for each column. Or repair that cell.',
    });
  }
  if (found.ambiguous === true && dayFirst === undefined) {
    const first = withoutMarks(texts).find((text) => text !== undefined)!;
    throw new FlowError(
      'input',
      AT,
      `The order of day and month is unclear in the column "${name}" of ${frame.source}`,
      {
        expected: 'a date that shows the order, such as 31/12/2020',
        got: `dates that are valid in both orders; the first is ${first}`,
        hint: 'Set the option dayFirst to yes or no.',
      },
    );
  }
  return dayFirst === undefined || found.dayFirst !== undefined ? found : { ...found, dayFirst };
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
