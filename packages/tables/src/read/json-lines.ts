import { FlowError } from '@impflow/core';
import { cellColumn, kindOf } from './cell-column.ts';
import { textOf } from './csv-text.ts';
import { assertKeysInCommon } from './frame-of.ts';
import type { FrameOptions } from './options.ts';
import { malformed, type RawColumn, type RawTable } from './raw.ts';

/** Function that receives the object of a line, and the number of the line. */
type TakeObject = (object: Readonly<Record<string, unknown>>, line: number) => void;

/**
 * Parses JSON lines: one object in each line. Keys are the names of the columns. Values are read as the cells of
 * JavaScript objects are: strings as cells of a CSV with a decimal point, booleans as the strings `true` and `false`,
 * and `null` and absent keys as missing cells. `name` is the name of the file, for error messages.
 *
 * @remarks The text is parsed twice: first for the keys of all objects, then for the cells. `JSON.parse` rounds whole
 * numbers beyond 2^53.
 * @throws `input` for bytes that are not UTF-8, for a line that is not a JSON object (the message contains the line),
 * and for objects with too few keys in common.
 */
export const parseJsonLines = (
  name: string,
  bytes: Uint8Array,
  { columns: wanted }: Pick<FrameOptions, 'columns'> = {},
): RawTable => {
  const text = textOf(name, bytes, 'JSON lines');
  const names = new Set<string>();
  const lines: number[] = [];
  let given = 0;
  eachObject(name, text, (object, line) => {
    for (const key of Object.keys(object)) {
      names.add(key);
      given++;
    }
    lines.push(line);
  });
  const rows = lines.length;
  if (wanted === undefined) assertKeysInCommon('tables/readFrame', name, { rows, keys: names.size, given });
  const columns = jsonColumns(
    [...names].filter((key) => wanted?.includes(key) ?? true),
    rows,
  );
  let row = 0;
  eachObject(name, text, (object) => columns.put(row++, object));
  const filled = columns.raw();
  return {
    rows,
    columns: [...names].map((key) => filled.get(key) ?? { name: key, values: new Float64Array() }),
    place: (index) => `line ${lines[index]!}`,
  };
};

/** Columns that are filled with the values of objects, row by row. */
interface JsonColumns {
  /** Puts the values of an object into a row. Keys without a column are ignored. */
  put(row: number, object: Readonly<Record<string, unknown>>): void;
  /** Returns the columns by name. */
  raw(): ReadonlyMap<string, RawColumn>;
}

/** Creates columns with `rows` rows whose cells are all missing. */
export const jsonColumns = (names: readonly string[], rows: number): JsonColumns => {
  const columns = new Map(names.map((name) => [name, cellColumn(name, rows)]));
  const wrong = new Map<string, NonNullable<RawColumn['wrong']>>();
  return {
    put: (row, object) => {
      for (const [key, value] of Object.entries(object)) {
        if (columns.get(key)?.put(row, value) === false && !wrong.has(key))
          wrong.set(key, { row, cell: kindOf(value) });
      }
    },
    raw: () =>
      new Map(
        Array.from(columns, ([name, column]): [string, RawColumn] => {
          // A file has no JavaScript types.
          const { type: _, ...raw } = column.raw();
          const found = wrong.get(name);
          return [name, found === undefined ? raw : { ...raw, wrong: found }];
        }),
      ),
  };
};

/**
 * Parses the objects of JSON lines, and calls `take` with each object. Blank lines are skipped. `firstLine` is the
 * number of the first line. Returns the number of line breaks.
 *
 * @throws `input` for a line that is not a JSON object; the message contains the line. Any error that `take` throws.
 */
export const eachObject = (name: string, text: string, take: TakeObject, firstLine: number = 1): number => {
  let breaks = 0;
  for (let at = 0; at < text.length;) {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found;
    const line = text.slice(at, end);
    if (line.trim() !== '') take(objectIn(name, line, firstLine + breaks), firstLine + breaks);
    if (found >= 0) breaks++;
    at = end + 1;
  }
  return breaks;
};

const objectIn = (name: string, line: string, number: number): Readonly<Record<string, unknown>> => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw wrongLine(name, number, (cause as Error).message, cause);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrongLine(name, number, kindOf(value));
};

const wrongLine = (name: string, line: number, got: string, cause?: unknown): FlowError =>
  malformed(
    name,
    `Line ${line} is not a JSON object`,
    'one object in each line, such as {"x": 1.5, "kind": "a"}',
    got,
    'Write one object in each line, and null for a missing cell.',
    cause,
  );
