import { FlowError } from '@impflow/core';
import { parse } from '#csv-parse';
import { assertNotEmpty, defaultName, malformed, type RawTable } from './raw.ts';

export interface CsvOptions {
  /** Whether the first row names the columns. By default it does when any of its cells is neither a number nor missing. */
  readonly header?: boolean;
}

/** What a text holds, with its first rows as they are written there: trimmed, and without their quotes. */
export interface CsvTable extends RawTable {
  /** At most {@link HEAD_ROWS} rows of cells. */
  readonly head: readonly (readonly string[])[];
}

export const HEAD_ROWS = 6;

/**
 * Comma, semicolon or tab separated text in UTF-8, with or without a header, quoted cells, a byte order mark, either line
 * ending; blank lines are skipped, and cells such as `NA` and `nan` are missing. `name` stands for the text in messages; where it
 * ends in `.tsv`, cells stand between tabs, whatever they hold. Otherwise the first line decides: a tab, else a semicolon, else a comma.
 *
 * @throws `input` for bytes that are no such text, naming the line.
 */
export const parseCsv = (name: string, bytes: Uint8Array, { header }: CsvOptions = {}): CsvTable => {
  const text = textOf(name, bytes);
  const delimiter = /\.tsv$/i.test(name) ? '\t' : delimiterOf(text);
  let names: readonly string[] | undefined;
  let columns: Column[] = [];
  const lines: number[] = [];
  const head: (readonly string[])[] = [];
  let last = 0;
  const take = (cells: readonly string[], line: number): void => {
    last = line;
    if (names === undefined) {
      const named = header ?? cells.some((cell) => isText(cell));
      names = cells.map((cell, i) => (named && cell.trim() !== '' ? cell.trim() : defaultName(i)));
      columns = names.map(() => ({ values: [], text: undefined }));
      if (named) return;
    }
    if (cells.length !== columns.length) throw ragged(name, line, columns.length, cells.length);
    for (const [j, cell] of cells.entries()) {
      const column = columns[j]!;
      if (column.text === undefined && isText(cell)) column.text = { row: lines.length, cell: cell.trim() };
      column.values.push(numberOf(cell));
    }
    if (head.length < HEAD_ROWS) head.push(cells.map((cell) => cell.trim()));
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
    const { code, message } = error as { readonly code?: string; readonly message: string };
    // The parser names the line where it gave up, which is the last one of the text.
    const got = code === 'CSV_QUOTE_NOT_CLOSED' ? `Quote Not Closed: one that opens after line ${last} has no end` : message;
    throw malformed(name, 'A quote that does not fit', 'quoted cells as "a", a quote in one as ""', got, 'Repair that line.', error);
  }
  return {
    rows: lines.length,
    columns: columns.map(({ values, text: found }, j) => ({ name: names![j]!, values, ...(found === undefined ? {} : { text: found }) })),
    place: (row) => `line ${lines[row]!}`,
    head,
  };
};

interface Column { readonly values: number[]; text: { readonly row: number; readonly cell: string } | undefined }

/** The longest text that V8 holds, in UTF-16 units; no text has more of those than bytes. */
const MOST_BYTES = 2 ** 29 - 24;

const textOf = (name: string, bytes: Uint8Array): string => {
  assertNotEmpty(name, bytes);
  if (bytes.subarray(0, 4096).includes(0)) {
    throw malformed(name, 'No text', 'comma-separated text in UTF-8', 'binary data', 'Export the table as CSV in UTF-8.');
  }
  if (bytes.length > MOST_BYTES) {
    throw malformed(name, 'Too much text', `at most ${MOST_BYTES} bytes`, String(bytes.length), 'Convert the table to Parquet or NPY.');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    // Decoded again, with a mark in place of what is wrong, to find the line.
    const [before = ''] = new TextDecoder().decode(bytes).split('\uFFFD', 1);
    throw malformed(name, `Line ${before.split(/\r\n|\n|\r/).length} is not UTF-8`, 'text in UTF-8', 'bytes of another encoding', 'Export the table as CSV in UTF-8.', cause);
  }
};

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

const ragged = (name: string, line: number, expected: number, got: number): FlowError =>
  malformed(name, `Line ${line} has the wrong number of cells`, `${expected} cells`, String(got), 'Repair that line, or quote cells that hold the delimiter.');
