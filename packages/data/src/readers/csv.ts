import { FlowError } from '@impflow/core';
import { parse } from '#csv-parse';
import { undefused } from '../formula-names.ts';
import type { CsvOptions, Decimal, Separator } from './csv-options.ts';
import { assertNotEmpty, defaultName, malformed, type RawTable } from './raw.ts';
import { readingDoubts, readingLine } from './reading.ts';

/** A parsed text, with its first rows as written: trimmed, without quotes. */
export interface CsvTable extends RawTable {
  /** At most {@link HEAD_ROWS} rows of cells, without the header. */
  readonly head: readonly (readonly string[])[];
}

/** Most rows in the `head` of a {@link CsvTable}. */
export const HEAD_ROWS = 6;

/**
 * Parses text in UTF-8 whose cells are separated by commas, semicolons, tabs or bars, with or without a header, quotes,
 * a byte order mark, and with either line ending. Blank lines are skipped. Cells such as `NA` and `nan` are missing.
 * The apostrophe that keeps a spreadsheet from running a name as a formula is removed. `name` stands for the text in
 * messages. The remarks say which header, separator and decimal sign were assumed, and which option changes a doubtful
 * choice.
 *
 * @throws `input` for bytes that are not text of this kind, with the line; `option` if separator and decimal sign are
 * both commas.
 */
export const parseCsv = (
  name: string,
  bytes: Uint8Array,
  { header, separator, decimal = '.' }: CsvOptions = {},
): CsvTable => {
  if (separator === ',' && decimal === ',')
    throw new FlowError('option', 'data/parseCsv', 'The separator is the decimal sign', {
      expected: 'different signs',
      got: '"," for both',
      hint: 'Change one of them.',
    });
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
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: delimiter !== '\t',
      record_delimiter: ['\r\n', '\n', '\r'],
      // Records are dropped once their numbers are read, so that their strings are not kept in memory.
      on_record: (cells: string[], { lines: line }) => {
        take(cells, line);
        return null;
      },
    });
  } catch (error) {
    if (error instanceof FlowError) throw error;
    const { code, message } = error as { readonly code?: string; readonly message: string };
    // The parser reports the line where it stopped, the last one of the text.
    const got =
      code === 'CSV_QUOTE_NOT_CLOSED' ? `Quote Not Closed: one that opens after line ${last} has no end` : message;
    throw malformed(
      name,
      'A quote that does not fit',
      'quoted cells as "a", a quote in one as ""',
      got,
      'Repair that line.',
      error,
    );
  }
  const reading = {
    name,
    header: named,
    given: { ...(header === undefined ? {} : { header }), ...(separator === undefined ? {} : { separator }) },
    separator: delimiter,
    decimal,
    first: first.map((cell) => ({ cell: cell.trim(), isText: isText(cell) })),
    columns: columns.map(({ values }) => values),
  };
  return {
    rows: lines.length,
    remarks: [readingLine(reading, names ?? []), ...readingDoubts(reading)],
    columns: columns.map(({ values, text: found }, j) => ({
      name: names![j]!,
      values,
      ...(found === undefined ? {} : { text: found }),
    })),
    place: (row) => `line ${lines[row]!}`,
    head,
  };
};

interface Column {
  readonly values: number[];
  text: { readonly row: number; readonly cell: string } | undefined;
}

/** Length of the longest string of V8, in UTF-16 units. Decoded text has at most one unit per byte. */
const MOST_BYTES = 2 ** 29 - 24;

const textOf = (name: string, bytes: Uint8Array): string => {
  assertNotEmpty(name, bytes);
  if (bytes.subarray(0, 4096).includes(0)) {
    throw malformed(
      name,
      'No text',
      'comma-separated text in UTF-8',
      'binary data',
      'Export the table as CSV in UTF-8.',
    );
  }
  if (bytes.length > MOST_BYTES) {
    throw malformed(
      name,
      'Too much text',
      `at most ${MOST_BYTES} bytes`,
      String(bytes.length),
      'Convert the table to Parquet or NPY.',
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    // Decode again with replacement characters: the first one shows the line.
    const [before = ''] = new TextDecoder().decode(bytes).split('\uFFFD', 1);
    throw malformed(
      name,
      `Line ${before.split(/\r\n|\n|\r/).length} is not UTF-8`,
      'text in UTF-8',
      'bytes of another encoding',
      'Export the table as CSV in UTF-8.',
      cause,
    );
  }
};

const NUMBER: Readonly<Record<Decimal, RegExp>> = {
  '.': /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i,
  ',': /^[+-]?(\d+,?\d*|,\d+)(e[+-]?\d+)?$/i,
};
const INFINITE = /^[+-]?inf(inity)?$/i;
const MISSING = /^([+-]?nan|na|n\/a|null|none)?$/i;

/** Functions that read cells with this decimal sign. */
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

// A semicolon outside quotes takes precedence over a comma: where both occur, the comma is probably a decimal sign.
const delimiterOf = (text: string, decimal: Decimal): Separator => {
  const bare = text.slice(0, 65_536).replace(/"[^"]*("|$)/g, '');
  const first = /^[\r\n ]*(.*)/.exec(bare)?.[1] ?? '';
  // Without a separator the whole line is one cell, and the choice does not matter.
  return (['\t', ';'] as const).find((candidate) => first.includes(candidate)) ?? (decimal === ',' ? ';' : ',');
};

const ragged = (name: string, line: number, expected: number, got: number): FlowError =>
  malformed(
    name,
    `Line ${line} has the wrong number of cells`,
    `${expected} cells`,
    String(got),
    'Repair that line, or quote cells that hold the delimiter.',
  );
