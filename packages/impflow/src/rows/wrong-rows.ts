import { FlowError } from '@impflow/core';
import { printable } from '@impflow/tables';

/** Origin of errors about wrong rows: the text in square brackets at the start of the message. */
export const AT: string = 'impflow/rows';

/** Returns the error for a value that is neither an array of objects nor a table in another form. */
export const wrongRows = (rows: unknown): FlowError => {
  const [got, hint] = mistakeOf(rows);
  return new FlowError('input', AT, 'Wrong rows', { expected: 'an array of objects', got, hint });
};

/** Returns the error for a column that is not a list of cells. */
export const wrongColumn = (name: string, cells: unknown): FlowError =>
  new FlowError('input', AT, `Wrong column "${printable(name)}"`, {
    expected: 'an array of cells, as in other columns',
    got: typeof cells === 'object' && cells !== null ? 'an object' : shortly(cells),
    hint: 'Give each column as an array. If this is one row, put it in an array: [row].',
  });

/** Returns the error for an iterable of chunks in which an element is not an array of rows. */
export const wrongChunk = (chunk: unknown): FlowError =>
  new FlowError('input', AT, 'Wrong chunk of rows', {
    expected: 'an array of objects',
    got: isRow(chunk) ? 'one object' : shortly(chunk),
    hint: 'Yield arrays of rows, or gather the rows in one array first.',
  });

/** Returns the error for a caller that passed the content of a file instead of its path. */
export const textForPath = (): FlowError =>
  new FlowError('input', AT, 'Wrong path', {
    expected: 'one line',
    got: 'a string of several lines',
    hint: 'If the string is the content of a CSV file, pass new Blob([text]).',
  });

/** Whether a value can be a row. */
export const isRow = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns a description of a value that was passed instead of rows, and a hint for the caller. */
const mistakeOf = (rows: unknown): readonly [got: string, hint: string] => {
  if (rows === null || rows === undefined) return [String(rows), 'Check where the rows come from.'];
  if (typeof rows === 'function') return ['a function', 'Give what it returns.'];
  if (typeof rows !== 'object') return [shortly(rows), 'Put each value in a row: [{ x: 1 }, { x: 2 }].'];
  if (Array.isArray(rows)) return ['an array', 'Give each row as an object.'];
  if (ArrayBuffer.isView(rows) || rows instanceof ArrayBuffer)
    return [
      'a typed array',
      'If it is a column, give it a name: { x: values }. If it is a file, use new Blob([bytes]).',
    ];
  if (has(rows, 'then')) return ['a promise', 'Await it: await rows.'];
  if (has(rows, 'getRowObjectsJS')) return ['a result of DuckDB', 'Use the result of its method getRowObjectsJS.'];
  if (has(rows, 'arrayBuffer')) return ['a response of fetch', 'Give its address, or await response.blob().'];
  return ['one object', 'Put it in an array: [row].'];
};

const has = (rows: object, method: string): boolean =>
  typeof (rows as Readonly<Record<string, unknown>>)[method] === 'function';

const shortly = (value: unknown): string =>
  value === null || value === undefined ? String(value) : `a ${typeof value}`;
