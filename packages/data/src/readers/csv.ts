import { FlowError } from '@impflow/core';
import { parse } from '#csv-parse';
import { undefused } from '../formula-names.ts';
import { readingDoubts, readingLine } from './reading.ts';
import { assertNotEmpty, defaultName, malformed, type RawTable } from './raw.ts';

export interface CsvOptions {
  /** Whether the first row names the columns. By default it does when any of its cells is neither a number nor missing. */
  readonly header?: boolean;
  /** What stands between cells. By default a tab where the name ends in `.tsv`; else the first line decides: a tab, a semicolon, a comma unless that is the decimal sign. */
  readonly separator?: Separator;
  /** The decimal sign, a point by default. */
  readonly decimal?: Decimal;
}

export type Separator = ',' | ';' | '\t' | '|';
export type Decimal = '.' | ',';

/** What a text holds, with its first rows as they are written there: trimmed, and without their quotes. */
export interface CsvTable extends RawTable {
  /** At most {@link HEAD_ROWS} rows of cells. */
  readonly head: readonly (readonly string[])[];
}

export const HEAD_ROWS = 6;

/**
 * Comma, semicolon or tab separated text in UTF-8, with or without a header, quoted cells, a byte order mark, either line
 * ending; blank lines are skipped, and cells such as `NA` and `nan` are missing. An apostrophe before a name of the header is removed where it keeps a spreadsheet from running the name as a formula. `name` stands for the text in messages. The remarks
 * say what was taken for header, separator and decimal sign, and which option decides where the text may be meant otherwise.
 *
 * @throws `input` for bytes that are no such text, naming the line; `option` for a comma as separator and decimal sign.
 */
export const parseCsv = (name: string, bytes: Uint8Array, { header, separator, decimal = '.' }: CsvOptions = {}): CsvTable => {
  if (separator === ',' && decimal === ',') throw new FlowError('option', 'data/parseCsv', 'The separator is the decimal sign', { expected: 'different signs', got: '"," for both', hint: 'Change one of them.' });
  const text = textOf(name, bytes);
  const delimiter = separator ?? (/\.tsv$/i.test(name) ? '\t' : delimiterOf(text, decimal));
  const { isText, numberOf } = cellsWith(decimal);
  let first: readonly string[] = [];
  let named = false;
  let names: readonly string[] | undefined;
  let columns: Column[] = [];
  const lines: number[] = [];
  const head: (readonly string[])[] = [];
  let last = 0;
  const take = (cells: readonly string[], line: number): void => {
    last = line;
    if (names === undefined) {
      first = cells;
      named = header ?? cells.some((cell) => isText(cell));
      names = cells.map((cell, i) => (named && cell.trim() !== '' ? undefused(cell.trim()) : defaultName(i)));
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
  const reading = { name, header: named, given: { ...(header === undefined ? {} : { header }), ...(separator === undefined ? {} : { separator }) }, separator: delimiter, decimal, first: first.map((cell) => ({ cell: cell.trim(), isText: isText(cell) })), columns: columns.map(({ values }) => values) };
  return {
    rows: lines.length,
    remarks: [readingLine(reading, names ?? []), ...readingDoubts(reading)],
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

const NUMBER: Readonly<Record<Decimal, RegExp>> = { '.': /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, ',': /^[+-]?(\d+,?\d*|,\d+)(e[+-]?\d+)?$/i };
const INFINITE = /^[+-]?inf(inity)?$/i;
const MISSING = /^([+-]?nan|na|n\/a|null|none)?$/i;

/** What cells hold, by the decimal sign. */
const cellsWith = (decimal: Decimal): { isText(cell: string): boolean; numberOf(cell: string): number } => {
  const pattern = NUMBER[decimal];
  return {
    isText: (cell) => {
      const trimmed = cell.trim();
      return !pattern.test(trimmed) && !INFINITE.test(trimmed) && !MISSING.test(trimmed);
    },
    numberOf: (cell) => {
      const trimmed = cell.trim();
      if (pattern.test(trimmed)) return Number(decimal === '.' ? trimmed : trimmed.replace(',', '.'));
      return INFINITE.test(trimmed) ? (trimmed.startsWith('-') ? -Infinity : Infinity) : NaN;
    },
  };
};

// A semicolon outside quotes goes before a comma: where both stand, the comma is most likely a decimal one.
const delimiterOf = (text: string, decimal: Decimal): Separator => {
  const bare = text.slice(0, 65_536).replace(/"[^"]*("|$)/g, '');
  const first = /^[\r\n ]*(.*)/.exec(bare)?.[1] ?? '';
  // Without a separator the whole line is one cell, whichever sign stands between cells that are not there.
  return (['\t', ';'] as const).find((candidate) => first.includes(candidate)) ?? (decimal === ',' ? ';' : ',');
};

const ragged = (name: string, line: number, expected: number, got: number): FlowError =>
  malformed(name, `Line ${line} has the wrong number of cells`, `${expected} cells`, String(got), 'Repair that line, or quote cells that hold the delimiter.');
