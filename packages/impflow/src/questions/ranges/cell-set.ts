import { FlowError, shown } from '@impflow/core';
import { printable, readingFor, unitsOf, valuesOf, type CategoryColumn, type NumberColumn } from '@impflow/tables';
import { frameOfObjects } from '../../rows/frame-of-objects.ts';
import type { Cell } from '../../rows/rows.ts';
import { isRange, type CellRange, type CellSet } from './event.ts';
import type { Interval } from './predicate.ts';

const AT = 'impflow/event';
const ENDS = ['above', 'atLeast', 'below', 'atMost'] as const;

/**
 * Returns the codes of a set of categories.
 *
 * @throws `option` for a range, a gap, and a category that training did not see or did not keep.
 */
export const categorySet = (set: CellSet, column: CategoryColumn): ReadonlySet<number> => {
  const { name, levels, rare = [] } = column;
  if (isRange(set)) throw wrong(name, 'categories', 'a range', 'Name the categories, such as kind in (oak, ash).');
  return new Set(
    valuesIn(set, name).map((cell) => {
      const [code] = valuesOf(frameOfCell(name, cell, column), [column]).columns[0]!;
      if (Number.isNaN(code)) throw gap(name, cell);
      if (code! < levels.length) return code!;
      throw rare.includes(String(cell))
        ? wrong(name, 'a frequent category', shown(cell), 'The model does not tell its rare categories apart.')
        : wrong(
            name,
            `one of ${levels.slice(0, 10).map(printable).join(', ')}${levels.length > 10 ? ', …' : ''}`,
            shown(cell),
            'Training did not see this category.',
          );
    }),
  );
};

/**
 * Returns a set of numbers or dates as intervals, in the units of the file.
 *
 * @throws `option` for an empty range, a gap, and a single value of a column whose values do not repeat; `input` for a
 * value that is not a number, or not a date.
 */
export const numberSet = (set: CellSet, column: NumberColumn): readonly Interval[] =>
  isRange(set) ? rangeOf(set, column) : valuesIn(set, column.name).map((cell) => pointOf(cell, column));

const valuesIn = (set: Exclude<CellSet, CellRange>, name: string): readonly Cell[] => {
  const values = Array.isArray(set) ? (set as readonly Cell[]) : [set as Cell];
  if (values.length === 0) throw wrong(name, 'at least one value', 'an empty list', 'Name the values.');
  return values;
};

/** Reads a cell as the cells of the table are read. A date is the time since 1970, in the unit of its column. */
const numberOf = (cell: Cell, column: NumberColumn): number => {
  const { offset: _, period: __, ...plain } = column;
  const [value] = valuesOf(frameOfCell(column.name, cell, column), [plain]).columns[0]!;
  if (Number.isNaN(value)) throw gap(column.name, cell);
  return Number(value!.toPrecision(15));
};

const frameOfCell = (
  name: string,
  cell: Cell,
  column: NumberColumn | CategoryColumn,
): ReturnType<typeof frameOfObjects> => frameOfObjects([{ [name]: cell }], 'the event', readingFor([column]));

/** Returns the first number of a period, as cells are written. */
const startOf = ({ start, cut = 0, offset = 0 }: NumberColumn): number => start ?? cut + offset;

const intoPeriod = (value: number, column: NumberColumn): number => {
  const { period } = column;
  return period === undefined ? value : value - period * Math.floor((value - startOf(column)) / period);
};

const pointOf = (cell: Cell, column: NumberColumn): Interval => {
  const { name, resolution, spikes, offset = 0 } = column;
  const value = intoPeriod(numberOf(cell, column), column);
  const spike = spikes?.find((each) => Math.fround(each) === Math.fround(value - offset));
  if (resolution === undefined || (spikes !== undefined && spike === undefined))
    throw wrong(
      name,
      'a range',
      `the single value ${shown(cell)}`,
      'The values of this column do not repeat, so a single value has the probability 0.',
    );
  if (spike === undefined)
    // The cells are multiples of the resolution. The interval allows for rounding.
    return { low: value - resolution / 1000, high: value + resolution / 1000, withLow: true, withHigh: true };
  const [written] = unitsOf({ columns: [Float64Array.of(spike + resolution / 2)] }, [column], { noisy: true })[0]!;
  return { low: written!, high: written!, withLow: true, withHigh: true };
};

const rangeOf = (range: CellRange, column: NumberColumn): readonly Interval[] => {
  const { name, period } = column;
  const unknown = Object.keys(range).find((key) => !(ENDS as readonly string[]).includes(key));
  const given = ENDS.filter((end) => range[end] !== undefined);
  if (unknown !== undefined || given.length === 0)
    throw wrong(
      name,
      `a range with ${ENDS.join(', ')}`,
      unknown === undefined ? 'no end' : `"${printable(unknown)}"`,
      'For example: { above: 40 }.',
    );
  if (range.above !== undefined && range.atLeast !== undefined)
    throw wrong(name, 'one lower end', 'above and atLeast', 'Leave one of them out.');
  if (range.below !== undefined && range.atMost !== undefined)
    throw wrong(name, 'one upper end', 'below and atMost', 'Leave one of them out.');
  const end = (cell: Cell | undefined, otherwise: number): number =>
    cell === undefined ? otherwise : numberOf(cell, column);
  const interval: Interval = {
    low: end(range.above ?? range.atLeast, -Infinity),
    high: end(range.below ?? range.atMost, Infinity),
    withLow: range.above === undefined,
    withHigh: range.below === undefined,
  };
  const { low, high, withLow, withHigh } = interval;
  if (period !== undefined && Number.isFinite(low) && Number.isFinite(high)) return arc(interval, column);
  const outside =
    period === undefined
      ? undefined
      : [low, high].find((each) => Number.isFinite(each) && Math.abs(intoPeriod(each, column) - each) > 1e-9 * period);
  if (outside !== undefined)
    throw wrong(
      name,
      'two ends, or one end within the stored period',
      `one end, ${outside}, outside of it`,
      'The column is periodic, so a range needs a lower and an upper end.',
    );
  if (low > high || (low === high && !(withLow && withHigh)))
    throw wrong(
      name,
      'a lower end below the upper end',
      `${low} and ${high}`,
      'Exchange the ends, or join two ranges by or.',
    );
  return [interval];
};

/** Returns the arc of a circle from the lower end to the upper end, as intervals of the numbers of one period. */
const arc = ({ low, high, withLow, withHigh }: Interval, column: NumberColumn): readonly Interval[] => {
  const { period } = column as { readonly period: number };
  if (high - low >= period) return [{ low: -Infinity, high: Infinity, withLow: true, withHigh: true }];
  const [from, to] = [intoPeriod(low, column), intoPeriod(high, column)];
  if (from < to || (from === to && high === low)) return [{ low: from, high: to, withLow, withHigh }];
  return [
    { low: from, high: Infinity, withLow, withHigh: true },
    { low: -Infinity, high: to, withLow: true, withHigh },
  ];
};

const wrong = (name: string, expected: string, got: string, hint: string): FlowError =>
  new FlowError('option', AT, `Wrong set of values of the column "${printable(name)}" in an event`, {
    expected,
    got,
    hint,
  });

const gap = (name: string, cell: Cell): FlowError =>
  wrong(name, 'a value', `an empty cell (${shown(cell)})`, 'The model has no distribution of gaps.');
