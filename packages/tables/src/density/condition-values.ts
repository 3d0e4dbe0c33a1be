import { FlowError } from '@impflow/core';
import { dateText } from '../columns/dates.ts';
import type { ColumnSpec, NumberColumn, RecordsSpec } from '../columns/spec.ts';
import { categoryText, valuesOf, type Values } from '../columns/values.ts';
import type { Frame } from '../frame/frame.ts';
import { listed, shortened } from '../frame/printable.ts';

const AT = 'tables/sample';
/**
 * A number is refused as a condition if its distance from the training values is larger than this many times the range
 * of these values. At such a distance the nets only extrapolate, and the draws have no relation to the table.
 */
const BEYOND = 10;

/** Returns the columns that are conditions. */
export const conditionsIn = (columns: readonly ColumnSpec[]): readonly ColumnSpec[] =>
  columns.filter((column) => column.given === true);

/**
 * Checks the conditions of `count` draws, and returns values in which the conditions are set and the targets are
 * missing. The remarks of the result name conditions that lie outside the training values.
 *
 * @param given Cells of the conditions: one row for all draws, or one row for each draw. Undefined for a density without
 * conditions.
 * @throws `option` if the density has conditions and `given` is undefined or has a wrong number of rows; `input` for a
 * category that training did not see, for a number that is further from the training values than ten times their range,
 * and for a missing condition that was never missing in training.
 */
export const conditionValues = ({ columns: specs }: RecordsSpec, given: Frame | undefined, count: number): Values => {
  const conditions = conditionsIn(specs);
  const empty = specs.map(() => new Float64Array(count).fill(NaN));
  if (conditions.length === 0) return { rows: count, columns: empty, remarks: [] };
  if (given === undefined)
    throw new FlowError('option', AT, 'The conditions are missing', {
      expected: `values of ${conditions.map(({ name }) => name).join(', ')}`,
      got: 'none',
      hint: 'Set the option given.',
    });
  if (given.rows !== 1 && given.rows !== count)
    throw new FlowError('option', AT, 'Wrong number of conditions', {
      expected: `1 row, or ${count}: one per draw`,
      got: String(given.rows),
      hint: 'Give one row for all draws, or one for each.',
    });
  const { columns } = valuesOf(given, conditions);
  const remarks = conditions.flatMap((column, j) => checkedCondition(column, columns[j]!, given));
  return {
    rows: count,
    columns: specs.map((column, j) => {
      const place = conditions.indexOf(column);
      if (place < 0) return empty[j]!;
      const own = columns[place]!;
      return given.rows === count ? own : new Float64Array(count).fill(own[0]!);
    }),
    remarks,
  };
};

/** Checks the values of a condition. Returns a remark if some of them lie outside the training values. */
const checkedCondition = (column: ColumnSpec, values: Float64Array, given: Frame): readonly string[] => {
  const { name } = column;
  const mayBeMissing = column.kind === 'number' && column.fill !== undefined;
  if (!mayBeMissing && values.some(Number.isNaN))
    throw new FlowError('input', AT, `A condition is missing: "${name}"`, {
      expected: 'a value',
      got: 'an empty cell',
      hint: 'Fill the cell: this column had no missing cells in training.',
    });
  if (column.kind === 'number') return checkedNumber(column, values);
  const unseen = values.indexOf(column.levels.length);
  if (unseen < 0) return [];
  const { numbers, written } = given.columns.find((cells) => cells.name === name)!;
  throw new FlowError('input', AT, `The condition "${name}" has a category that training did not see`, {
    expected: `one of ${listed(column.levels)}`,
    got: `"${shortened(categoryText(numbers[unseen]!, written?.[unseen])!)}"`,
    hint: 'Give a known category: the model has learned nothing about other categories.',
  });
};

const checkedNumber = (column: NumberColumn, values: Float64Array): readonly string[] => {
  const { name, date, offset = 0, range } = column;
  if (range === undefined) return [];
  const [low, high] = range;
  const outside = (value: number): number => Math.max(low - value, value - high);
  const text = (value: number): string =>
    date === undefined ? String(Number((value + offset).toPrecision(7))) : dateText(value + offset, date);
  const trained = `${text(low)} to ${text(high)}`;
  const beyond = values.find((value) => outside(value) > BEYOND * (high - low));
  if (beyond !== undefined)
    throw new FlowError('input', AT, `The condition "${name}" is far outside the training values`, {
      expected: `a value near ${trained}, at most ${BEYOND} times this range away`,
      got: text(beyond),
      hint: 'Check the unit of the value. For other values, train on rows that contain them.',
    });
  const first = values.find((value) => outside(value) > 0);
  return first === undefined
    ? []
    : [
        `The condition "${name}" is ${text(first)}, outside the training values ${trained}: the draws are an extrapolation.`,
      ];
};
