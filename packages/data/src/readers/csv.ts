import { constants } from 'node:buffer';
import { FlowError } from '@impflow/core';
import { parse } from 'csv-parse/sync';
import { defaultName, malformed, type FileBytes, type RawTable } from './raw.ts';

export interface CsvOptions {
  /** Cells between tabs, whatever they hold. Otherwise the first line decides: a tab, else a semicolon, else a comma. */
  readonly tabs: boolean;
  /** Whether the first row names the columns. By default it does when any of its cells is neither a number nor missing. */
  readonly header?: boolean;
}

/**
 * Comma, semicolon or tab separated text in UTF-8, with or without a header, quoted cells, a byte order mark, either line
 * ending; blank lines are skipped, and cells such as `NA` and `nan` are missing.
 */
export const readCsv = ({ path, bytes }: FileBytes, { tabs, header }: CsvOptions): RawTable => {
  if (bytes.subarray(0, 4096).includes(0)) {
    throw malformed(path, 'No text', 'comma-separated text in UTF-8', 'binary data', 'Export the table as CSV in UTF-8.');
  }
  if (bytes.length > constants.MAX_STRING_LENGTH) {
    throw malformed(path, 'Too much text', `at most ${constants.MAX_STRING_LENGTH} bytes`, String(bytes.length), 'Convert the table to Parquet or NPY.');
  }
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  const delimiter = tabs ? '\t' : delimiterOf(text);
  let names: readonly string[] | undefined;
  let columns: Column[] = [];
  const lines: number[] = [];
  const take = (cells: readonly string[], line: number): void => {
    if (names === undefined) {
      const named = header ?? cells.some((cell) => isText(cell));
      names = cells.map((cell, i) => (named && cell.trim() !== '' ? cell.trim() : defaultName(i)));
      columns = names.map(() => ({ values: [], text: undefined }));
      if (named) return;
    }
    if (cells.length !== columns.length) throw ragged(path, line, columns.length, cells.length);
    for (const [j, cell] of cells.entries()) {
      const column = columns[j]!;
      if (column.text === undefined && isText(cell)) column.text = { row: lines.length, cell: cell.trim() };
      column.values.push(numberOf(cell));
    }
    lines.push(line);
  };
  try {
    parse(text, {
      delimiter, relax_column_count: true, skip_empty_lines: true, trim: delimiter !== '\t', record_delimiter: ['\r\n', '\n', '\r'],
      // Records are taken one by one and not kept, so a file costs its numbers and not its strings.
      on_record: (cells: string[], { lines: line }) => { take(cells, line); return null; },
    });
  } catch (error) {
    if (error instanceof FlowError) throw error;
    throw malformed(path, 'A quote that does not fit', 'quoted cells as "a", a quote in one as ""', (error as Error).message, 'Repair that line.', error);
  }
  return {
    rows: lines.length,
    columns: columns.map(({ values, text: found }, j) => ({ name: names![j]!, values, ...(found === undefined ? {} : { text: found }) })),
    place: (row) => `line ${lines[row]!}`,
  };
};

interface Column { readonly values: number[]; text: { readonly row: number; readonly cell: string } | undefined }

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INFINITE = /^[+-]?inf(inity)?$/i;
const MISSING = /^([+-]?nan|na|n\/a|null|none)?$/i;

const isText = (cell: string): boolean => {
  const trimmed = cell.trim();
  return !NUMBER.test(trimmed) && !INFINITE.test(trimmed) && !MISSING.test(trimmed);
};

const numberOf = (cell: string): number => {
  const trimmed = cell.trim();
  if (NUMBER.test(trimmed)) return Number(trimmed);
  return INFINITE.test(trimmed) ? (trimmed.startsWith('-') ? -Infinity : Infinity) : NaN;
};

// A semicolon outside quotes goes before a comma: where both stand, the comma is most likely a decimal one.
const delimiterOf = (text: string): string => {
  const bare = text.slice(0, 65_536).replace(/"[^"]*("|$)/g, '');
  const first = /^[\r\n ]*(.*)/.exec(bare)?.[1] ?? '';
  return [...'\t;'].find((candidate) => first.includes(candidate)) ?? ',';
};

const ragged = (path: string, line: number, expected: number, got: number): FlowError =>
  malformed(path, `Line ${line} has the wrong number of cells`, `${expected} cells`, String(got), 'Repair that line, or quote cells that hold the delimiter.');
