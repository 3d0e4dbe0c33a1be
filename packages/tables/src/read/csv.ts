import { FlowError } from '@impflow/core';
import { undefused } from '../columns/formula-names.ts';
import { bareText, cellsWith, isGapAmongNumbers, keptCell, type CellReader } from './cells.ts';
import type { CsvOptions, Decimal, Separator } from './csv-options.ts';
import { delimiterOf, eachRecord, textOf } from './csv-text.ts';
import { decimalIn } from './decimal.ts';
import { ownTexts } from './own-text.ts';
import { defaultName, malformed, type RawTable } from './raw.ts';
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
export const parseCsv = (name: string, bytes: Uint8Array, options: CsvOptions = {}): CsvTable =>
  parseCells(name, bytes, options, false);

/**
 * Parses as {@link parseCsv} does. With `keep`, columns have `cells` and no `text`, and the decimal sign is found as in
 * {@link decimalIn} unless an option sets it.
 */
export const parseCells = (name: string, bytes: Uint8Array, options: CsvOptions, keep: boolean): CsvTable =>
  parseWithReading(name, bytes, options, keep).table;

/** A table, and how its text was read. */
export interface ReadCsv {
  readonly table: CsvTable;
  readonly header: boolean;
  readonly separator: Separator;
  readonly decimal: Decimal;
}

/** Parses as {@link parseCells} does, and says how. */
export const parseWithReading = (
  name: string,
  bytes: Uint8Array,
  { header, separator, decimal: wanted }: CsvOptions,
  keep: boolean,
): ReadCsv => {
  if (separator === ',' && wanted === ',')
    throw new FlowError('option', 'tables/parseCsv', 'The separator is the decimal sign', {
      expected: 'different signs',
      got: '"," for both',
      hint: 'Change one of them.',
    });
  const text = textOf(name, bytes);
  const delimiter = separator ?? (/\.tsv$/i.test(name) ? '\t' : delimiterOf(text, wanted ?? '.'));
  const found = keep && wanted === undefined ? decimalIn(name, text, delimiter) : { decimal: wanted ?? '.' };
  const reader = cellsWith(found.decimal);
  const namesColumns = (cell: string): boolean => reader.isText(cell) && !(keep && isGapAmongNumbers(cell.trim()));
  // What is returned must not keep the whole text in memory.
  const own = ownTexts();
  let first: readonly string[] = [];
  let named = false;
  let names: readonly string[] | undefined;
  let columns: readonly Column[] = [];
  const lines: number[] = [];
  const head: (readonly string[])[] = [];
  eachRecord(name, text, delimiter, (cells, line) => {
    if (names === undefined) {
      first = cells;
      named = header ?? cells.some(namesColumns);
      names = cells.map((cell, i) => (named && cell.trim() !== '' ? own(undefused(cell.trim())) : defaultName(i)));
      columns = names.map(() => (keep ? keptColumn(reader) : numberColumn(reader)));
      if (named) return;
    }
    if (cells.length !== columns.length) throw ragged(name, line, columns.length, cells.length);
    for (const [j, cell] of cells.entries()) columns[j]!.push(cell);
    if (head.length < HEAD_ROWS) head.push(cells.map((cell) => own(cell.trim())));
    lines.push(line);
  });
  const reading = {
    name,
    header: named,
    given: { ...(header === undefined ? {} : { header }), ...(separator === undefined ? {} : { separator }) },
    separator: delimiter,
    ...found,
    keepsTexts: keep,
    first: first.map((cell) => ({ cell: cell.trim(), isText: namesColumns(cell) })),
    columns: columns.map(({ values }) => values),
  };
  const table = {
    rows: lines.length,
    remarks: [readingLine(reading, names ?? []), ...readingDoubts(reading)].map(own),
    columns: columns.map(({ values, text: cell, cells }, j) => ({
      name: names![j]!,
      values,
      ...(cell === undefined ? {} : { text: cell }),
      ...(cells === undefined ? {} : { cells }),
    })),
    place: (row: number) => `line ${lines[row]!}`,
    head,
  };
  return { table, header: named, separator: delimiter, decimal: found.decimal };
};

interface Column {
  readonly values: number[];
  readonly cells?: (string | undefined)[];
  text?: { readonly row: number; readonly cell: string };
  push(cell: string): void;
}

const numberColumn = ({ isText, numberOf }: CellReader): Column => {
  const values: number[] = [];
  const column: Column = {
    values,
    push: (cell) => {
      if (column.text === undefined && isText(cell)) column.text = { row: values.length, cell: cell.trim() };
      values.push(numberOf(cell));
    },
  };
  return column;
};

const keptColumn = (reader: CellReader): Column => {
  const [values, cells]: [number[], (string | undefined)[]] = [[], []];
  const own = ownTexts();
  return {
    values,
    cells,
    push: (padded) => {
      const cell = padded.trim();
      const value = reader.numberOf(cell);
      const kept = keptCell(Number.isNaN(value) ? bareText(cell, reader) : cell, value);
      cells.push(kept === undefined ? undefined : own(kept));
      values.push(value);
    },
  };
};

/** The error for a line with more or fewer cells than the first. */
export const ragged = (name: string, line: number, expected: number, got: number): FlowError =>
  malformed(
    name,
    `Line ${line} has the wrong number of cells`,
    `${expected} cells`,
    String(got),
    'Repair that line, or quote cells that hold the delimiter.',
  );
