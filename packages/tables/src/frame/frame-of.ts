import { FlowError } from '@impflow/core';
import { readCell } from '../read/cells.ts';
import { checkedFrame } from '../read/frame-columns.ts';
import type { Frame } from './frame.ts';
import { shown } from './printable.ts';

/**
 * Returns objects as a frame, one row each. The keys of all objects are the columns, in the order in which they first
 * occur; a key that an object lacks is a gap in its row. Strings are read as the cells of {@link parseFrame} with a
 * decimal point, booleans are the texts `true` and `false`, dates are texts in ISO format in UTC, `null`, `undefined`
 * and NaN are missing. Messages call the objects `source`.
 *
 * @throws `input` for no objects, objects without keys, an element that is not an object, a nested value, or more than
 * 2^20 cells of which less than a twentieth are given.
 */
export const frameOf = (objects: readonly Readonly<Record<string, unknown>>[], source: string): Frame => {
  const place = (row: number): string => `row ${row + 1}`;
  const names = namesOf(objects, source, place);
  const columns = names.map((name) => ({
    name,
    values: new Float64Array(objects.length).fill(NaN),
    cells: Array.from<string | undefined>({ length: objects.length }),
  }));
  const byName = new Map(columns.map((column) => [column.name, column]));
  for (const [row, object] of objects.entries()) {
    for (const [name, value] of Object.entries(object)) {
      const read = readCell(value);
      if (read === undefined) throw nested(`the key "${shown(name)}" of ${source}, ${place(row)}`, value);
      const column = byName.get(name)!;
      column.values[row] = read.value;
      column.cells[row] = read.cell;
    }
  }
  return checkedFrame(AT, { rows: objects.length, columns, place }, source);
};

const AT = 'tables/frameOf';

/** Columns of more cells than this must not be nearly empty, or a small text could fill the memory. */
const MANY = 2 ** 20;
const FEWEST_GIVEN = 1 / 20;

/** The different keys. */
const namesOf = (
  objects: readonly Readonly<Record<string, unknown>>[],
  source: string,
  place: (row: number) => string,
): readonly string[] => {
  const names = new Set<string>();
  let given = 0;
  for (const [row, object] of objects.entries()) {
    if (typeof object !== 'object' || object === null || Array.isArray(object))
      throw new FlowError('input', AT, `No object in ${source}, ${place(row)}`, {
        expected: 'an object with a value for each column',
        got: kindOf(object),
        hint: 'Give each row as an object.',
      });
    const keys = Object.keys(object);
    given += keys.length;
    for (const name of keys) names.add(name);
  }
  const cells = names.size * objects.length;
  if (cells > MANY && given < FEWEST_GIVEN * cells)
    throw new FlowError('input', AT, `Too few keys in common in ${source}`, {
      expected: 'the same keys in most objects',
      got: `${names.size} different keys in ${objects.length} objects`,
      hint: 'Check the keys.',
    });
  return [...names];
};

const nested = (where: string, value: unknown): FlowError =>
  new FlowError('input', AT, `A value that is no cell in ${where}`, {
    expected: 'a number, a text, a boolean, a date, or null',
    got: value instanceof Date ? 'an invalid date' : kindOf(value),
    hint: 'Write its parts to keys of their own.',
  });

const kindOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'object'
        ? 'an object'
        : `a value of type ${typeof value}`;
