import { FlowError } from '@impflow/core';
import type { ColumnMap } from '@impflow/flows';
import type { Frame } from '../frame/frame.ts';
import type { ColumnPlan } from './column-plan.ts';
import { describeColumns } from './describe-columns.ts';
import { fitColumnMap, type MapChoice } from './fit-column-map.ts';
import { isTargetNumber } from './layout.ts';
import { noiseTest } from './noise.ts';
import { storedFormat } from './number-format.ts';
import { offsetOf } from './offset.ts';
import { plannedNumbers } from './planned-numbers.ts';
import { medianOf } from './quantile.ts';
import type { CategoryColumn, ColumnSpec, NumberColumn } from './spec.ts';
import { categoryText, valuesOf } from './values.ts';
import { wrapped } from './wrapped.ts';

/** Result of `fitColumns`: constants that are fitted to the columns of the training rows. */
export interface FittedColumns {
  /**
   * Descriptions of the columns of the density. The column of weights and columns that are left out are not included.
   */
  readonly columns: readonly ColumnSpec[];
  /**
   * The maps of the target numbers, one for each column. A map removes the bounds and the heavy tails of its column.
   */
  readonly maps: readonly ColumnMap[];
}

/** Options of {@link fitColumns}. */
export interface FitColumnsOptions {
  /**
   * One map for all columns, or a map for each column name. Default `auto`: for each column, the map that fits the
   * values best is chosen.
   */
  readonly transform?: Readonly<Record<string, MapChoice>> | 'auto' | 'none';
  /**
   * Rows, such as validation rows, whose values the supports of the maps must contain too. They influence nothing else.
   * Default: none.
   */
  readonly within?: Frame;
}

/** Largest number of categories of a column. The rarest categories beyond this number get one common code. */
const MOST_LEVELS = 100;
/** Number of bins into which the range of a numeric condition is divided for the tree of categories. */
const BINS = 5;

/**
 * Fits constants of each column to the training rows. A density needs these constants: categories, offsets, noise,
 * maps, and the encoding of conditions.
 *
 * @param train The training rows only. Missing cells are ignored in every statistic.
 * @param plans The kinds of the columns: the result of `planColumns`.
 * @remarks Sorts each column of numbers.
 * @throws `input` if a column of numbers does not have two different values in the training rows, or if a column of
 * categories has no value in these rows; `option` for a map that does not fit the values of its column, or for a name
 * in `transform` that is not the name of a target number.
 */
export const fitColumns = (
  train: Frame,
  plans: readonly ColumnPlan[],
  { transform = 'auto', within }: FitColumnsOptions = {},
): FittedColumns => {
  const hasTree = plans.some((plan) => plan.kind === 'category' && !plan.given);
  const named = plans.flatMap((plan): readonly ColumnSpec[] =>
    plan.kind === 'category'
      ? [categoryColumn(train, plan)]
      : plan.kind === 'number'
        ? [numberColumn(train, plan)]
        : [],
  );
  const { columns: values } = valuesOf(train, named);
  const further = within === undefined ? undefined : valuesOf(within, named).columns;
  const targets = named.flatMap((column, j) =>
    isTargetNumber(column) ? [{ name: column.name, numbers: values[j]! }] : [],
  );
  const summaries = new Map(describeColumns(targets).map((summary) => [summary.name, summary]));
  const columns = named.map((column, j): ColumnSpec => {
    if (column.kind === 'category') return column;
    const present = values[j]!.filter((value) => !Number.isNaN(value)).sort();
    if (!(present.length > 0 && present[0]! < present.at(-1)!)) throw nothingToLearn(train, column, present);
    if (column.given === true) return conditionColumn(column, present, present.length < train.rows, hasTree);
    const { resolution, spikes } = summaries.get(column.name)!;
    return {
      ...column,
      ...(column.period === undefined ? {} : { cut: emptiest(present, column.period, resolution ?? 0) }),
      ...(resolution === undefined ? {} : { resolution }),
      // The summary rounds values to float32.
      ...(spikes === undefined
        ? {}
        : { spikes: spikes.map((spike) => present.find((value) => Math.fround(value) === spike)!) }),
    };
  });
  const chosen = typeof transform === 'string' ? {} : transform;
  checkNames(chosen, columns);
  const maps = columns.flatMap((column, j) => {
    if (!isTargetNumber(column)) return [];
    const { name, offset = 0, period, cut = 0, resolution = 0, spikes } = column;
    if (period !== undefined) return [{ map: 'logit', lower: cut, upper: cut + period } as const];
    const choice =
      (Object.hasOwn(chosen, name) ? chosen[name] : undefined) ?? (transform === 'none' ? { map: 'identity' } : 'auto');
    const isNoisy = noiseTest(column);
    const middle = (value: number): number => (isNoisy(value) ? value + resolution / 2 : value);
    const present = values[j]!.filter((value) => !Number.isNaN(value)).map(middle);
    const others = further === undefined ? {} : { further: further[j]!.map(middle) };
    return [
      fitColumnMap(name, present, choice, {
        offset,
        resolution,
        ...(spikes === undefined ? {} : { noisy: spikes.map(middle) }),
        ...others,
      }),
    ];
  });
  return { columns, maps };
};

const categoryColumn = (train: Frame, { name, given }: Extract<ColumnPlan, { kind: 'category' }>): CategoryColumn => {
  const { numbers, written } = train.columns.find((column) => column.name === name)!;
  const counts = new Map<string, number>();
  for (let row = 0; row < train.rows; row++) {
    const text = categoryText(numbers[row]!, written?.[row]);
    if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const found = [...counts].sort(([a, more], [b, less]) => less - more || (a < b ? -1 : 1)).map(([level]) => level);
  if (found.length === 0) throw nothingToLearn(train, { name }, []);
  const [levels, rare] = [found.slice(0, MOST_LEVELS), found.slice(MOST_LEVELS)];
  return { kind: 'category', name, ...(given ? { given } : {}), levels, ...(rare.length === 0 ? {} : { rare }) };
};

const numberColumn = (train: Frame, plan: Extract<ColumnPlan, { kind: 'number' }>): NumberColumn => {
  const { name, given, date, format, unit, period } = plan;
  const values = plannedNumbers(
    train.columns.find((column) => column.name === name)!,
    plan,
  );
  const offset = offsetOf(values);
  const isWhole = date === undefined && values.every((value) => Number.isNaN(value) || Number.isInteger(value));
  const start = given || period === undefined ? undefined : startOf(values, period);
  return {
    kind: 'number',
    name,
    ...(given ? { given } : {}),
    ...(date === undefined ? {} : { date: date.unit }),
    ...(date?.dayFirst === undefined ? {} : { dayFirst: date.dayFirst }),
    ...(format === undefined ? {} : { format: storedFormat(format) }),
    ...(unit === undefined ? {} : { unit }),
    ...(isWhole ? { whole: true } : {}),
    ...(offset === 0 ? {} : { offset }),
    ...(period === undefined ? {} : { period }),
    ...(start === undefined ? {} : { start }),
  };
};

/**
 * Adds the constants for encoding to the description of a condition. `present` contains the values of the condition in
 * ascending order.
 */
const conditionColumn = (
  column: NumberColumn,
  present: Float64Array,
  hasGaps: boolean,
  hasTree: boolean,
): NumberColumn => {
  const mean = present.reduce((sum, value) => sum + value, 0) / present.length;
  const scale = Math.sqrt(present.reduce((sum, value) => sum + (value - mean) ** 2, 0) / present.length);
  const edges = Array.from({ length: BINS - 1 }, (_, k) => present[Math.floor(((k + 1) * present.length) / BINS)]!);
  return {
    ...column,
    ...(column.period === undefined
      ? { mean, scale: scale > 0 ? scale : 1, range: [present[0]!, present.at(-1)!] as const }
      : {}),
    ...(hasGaps ? { fill: medianOf(present) } : {}),
    ...(hasTree ? { bins: [...new Set(edges)] } : {}),
  };
};

const nothingToLearn = (
  { source }: Frame,
  { name, offset = 0 }: { readonly name: string; readonly offset?: number },
  present: ArrayLike<number>,
): FlowError =>
  new FlowError('input', 'tables/fitColumns', `Nothing to learn in the column "${name}" of ${source}`, {
    expected: 'values that differ among the training rows',
    got: present.length === 0 ? 'no value' : `${present[0]! + offset} in every training row`,
    hint: `Leave it out with the option leaveOut: ${name}`,
  });

/**
 * Returns the start of an interval of one period that contains all values: 0, or minus half a period. Returns undefined
 * if neither of the two intervals contains all values.
 */
const startOf = (values: Float64Array, period: number): number | undefined =>
  [0, -period / 2].find((first) => values.every((value) => !(value < first || value > first + period)));

/**
 * Returns the middle of the widest arc of the circle that contains no value and no noise interval. A cut at this point
 * does not separate values that are close to each other.
 */
const emptiest = (sorted: Float64Array, period: number, resolution: number): number => {
  const phases = sorted.map((value) => wrapped(value, { period })).sort();
  let [cut, widest] = [0, -Infinity];
  phases.forEach((phase, i) => {
    const next = i + 1 < phases.length ? phases[i + 1]! : phases[0]! + period;
    if (next - phase > widest) [cut, widest] = [(phase + resolution + next) / 2, next - phase];
  });
  return wrapped(cut, { period });
};

const checkNames = (chosen: Readonly<Record<string, unknown>>, columns: readonly ColumnSpec[]): void => {
  const targets = columns.filter(isTargetNumber).map(({ name }) => name);
  const wrong = Object.keys(chosen).find((name) => !targets.includes(name));
  if (wrong !== undefined)
    throw new FlowError('option', 'tables/fitColumns', `Cannot transform "${wrong}"`, {
      expected: `one of ${targets.join(', ')}`,
      got: `"${wrong}"`,
      hint: 'Only columns of numbers that are not conditions are transformed.',
    });
};
