import { FlowError } from '@impflow/core';
import type { Frame } from '../frame/frame.ts';
import { listed, shortened } from '../frame/printable.ts';
import { cellColumn, kindOf, noCell } from './cell-column.ts';
import { checkedFrame } from './frame-columns.ts';
import type { FrameOptions } from './options.ts';

/**
 * Converts objects to a frame with one row for each object. The columns are the keys of all objects, in the order in
 * which they first occur, or the keys in the option `columns`. If an object lacks a key, the cell is missing. Strings
 * are read as cells of a CSV with a decimal point (see {@link parseFrame}). Booleans become the strings `true` and
 * `false`. Dates become strings in ISO format in UTC. `null`, `undefined` and NaN are missing cells. A column records
 * the JavaScript type of its values. `source` is the name of the table, for error messages.
 *
 * @param options If `columns` is set, all other keys of the objects are ignored.
 * @throws `input` for an empty array, an element that is not an object, an object without any of the keys in `columns`,
 * and a value that is an object or an array. If `columns` is not set, also for a table of more than 2^20 cells if the
 * objects contain less than a twentieth of the cells.
 */
export const frameOf = (
  objects: readonly Readonly<Record<string, unknown>>[],
  source: string,
  options: Pick<FrameOptions, 'columns' | 'categories'> = {},
): Frame => {
  const place = (row: number): string => `row ${row + 1}`;
  assertObjects(objects, source, place);
  const { columns: wanted } = options;
  if (wanted !== undefined) assertKeys(objects, wanted, source, place);
  const names = wanted ?? namesOf(objects, source);
  const columns = new Map(names.map((name) => [name, cellColumn(name, objects.length)]));
  for (const [row, object] of objects.entries()) {
    for (const [name, value] of Object.entries(object)) {
      if (columns.get(name)?.put(row, value) === false)
        throw noCell(AT, `the key "${shortened(name)}" of ${source}, ${place(row)}`, value);
    }
  }
  return checkedFrame(
    AT,
    { rows: objects.length, columns: Array.from(columns.values(), (column) => column.raw()), place },
    source,
    options,
  );
};

const AT = 'tables/frameOf';

const MANY = 2 ** 20;
const FEWEST_GIVEN = 1 / 20;

/**
 * Throws an error if a table of objects would be large and nearly empty, because a small input could then fill the
 * memory.
 *
 * @param given Number of cells that the objects contain. A key that an object lacks is not counted.
 * @throws `input` for a table of more than 2^20 cells if the objects contain less than a twentieth of the cells.
 */
export const assertKeysInCommon = (
  at: string,
  source: string,
  { rows, keys, given }: { readonly rows: number; readonly keys: number; readonly given: number },
): void => {
  const cells = keys * rows;
  if (cells <= MANY || given >= FEWEST_GIVEN * cells) return;
  throw new FlowError('input', at, `Too few keys in common in ${source}`, {
    expected: 'the same keys in most objects',
    got: `${keys} different keys in ${rows} objects`,
    hint: 'Check the keys.',
  });
};

type Objects = readonly Readonly<Record<string, unknown>>[];

const assertObjects = (objects: Objects, source: string, place: (row: number) => string): void => {
  const row = objects.findIndex((object) => typeof object !== 'object' || object === null || Array.isArray(object));
  if (row < 0) return;
  throw new FlowError('input', AT, `No object in ${source}, ${place(row)}`, {
    expected: 'an object with a value for each column',
    got: kindOf(objects[row]),
    hint: 'Give each row as an object.',
  });
};

/** @throws `input` for an object that has none of the wanted keys, and that is probably a row of a different table. */
const assertKeys = (
  objects: Objects,
  wanted: readonly string[],
  source: string,
  place: (row: number) => string,
): void => {
  const row = objects.findIndex((object) => !wanted.some((name) => Object.hasOwn(object, name)));
  if (row < 0) return;
  const keys = Object.keys(objects[row]!);
  throw new FlowError('input', AT, `No cell of the columns in ${source}, ${place(row)}`, {
    expected: `some of the keys ${listed(wanted)}`,
    got: keys.length === 0 ? 'no keys' : listed(keys),
    hint: 'Check the keys. A key that is left out is an empty cell.',
  });
};

/** Returns the keys that occur in the objects, each once. */
const namesOf = (objects: Objects, source: string): readonly string[] => {
  const names = new Set<string>();
  let given = 0;
  for (const object of objects) {
    const keys = Object.keys(object);
    given += keys.length;
    for (const name of keys) names.add(name);
  }
  assertKeysInCommon(AT, source, { rows: objects.length, keys: names.size, given });
  return [...names];
};
