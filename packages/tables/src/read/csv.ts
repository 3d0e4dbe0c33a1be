import { FlowError } from '@impflow/core';
import { cellsWith, isGapAmongNumbers, isSheetError, keptCell, type CellReader } from '../frame/cells.ts';
import { unpackedExtension } from '../frame/extension.ts';
import type { Decimal } from '../frame/simple-number.ts';
import { commentsBefore, commentsLine } from './comments.ts';
import { delimiterOf, eachRecord, textOf } from './csv-text.ts';
import { decimalIn } from './decimal.ts';
import type { CsvOptions, Separator } from './options.ts';
import { ownTexts } from './own-text.ts';
import { defaultName, malformed, type RawTable } from './raw.ts';
import { readingDoubts, readingLine } from './reading.ts';
import { assertNoTitle, titled } from './title.ts';

/** Table that was parsed from CSV text, and the header, separator and decimal sign with which it was read. */
interface ReadCsv {
  readonly table: RawTable;
  readonly header: boolean;
  readonly separator: Separator;
  readonly decimal: Decimal;
  /** The comments before the header, and their number of lines: see {@link commentsBefore}. */
  readonly comments: { readonly text: string; readonly lines: number };
}

/**
 * Parses CSV text in UTF-8. Cells are separated by commas, semicolons, tabs or vertical bars. A header, quotes and a
 * byte order mark are optional, and all kinds of line breaks are accepted. Blank lines are skipped, and so are lines
 * before the header that begin with `#`. `name` is the name of the file, for error messages.
 * The `remarks` of the table are sentences for the user about the assumed header, separator and decimal sign, about
 * skipped comments, and about the option that changes a doubtful assumption.
 *
 * @throws `input` for bytes that are not CSV text in UTF-8 (the message contains the line); `option` if separator and
 * decimal sign are both commas.
 */
export const parseCsv = (
  name: string,
  bytes: Uint8Array,
  { header, separator, decimal: wanted }: CsvOptions = {},
): ReadCsv => {
  if (separator === ',' && wanted === ',')
    throw new FlowError('option', 'tables/parseFrame', 'The separator is the decimal sign', {
      expected: 'different signs',
      got: '"," for both',
      hint: 'Change one of them.',
    });
  const whole = textOf(name, bytes, 'CSV');
  const known = separator ?? (unpackedExtension(name) === '.tsv' ? '\t' : undefined);
  const separatorOf = (table: string): Separator => known ?? delimiterOf(table, wanted ?? '.');
  const comments = commentsBefore(whole, separatorOf, cellsWith(wanted ?? '.'));
  const text = whole.slice(comments.text.length);
  const delimiter = separatorOf(text);
  if (known === undefined) assertNoTitle(name, text, comments.lines + 1, wanted ?? '.');
  const found = wanted === undefined ? decimalIn(name, text, delimiter) : { decimal: wanted };
  const reader = cellsWith(found.decimal);
  const namesColumns = (cell: string): boolean => reader.isText(cell) && !isGapAmongNumbers(cell.trim());
  // The cells are copied, so that the result does not keep the whole text of the file in memory.
  const own = ownTexts();
  let first: readonly string[] = [];
  let firstLine = 1;
  let named = false;
  let names: readonly string[] | undefined;
  let columns: readonly Column[] = [];
  const lines: number[] = [];
  const take = (cells: readonly string[], line: number): void => {
    if (names === undefined) {
      first = cells;
      firstLine = line;
      named = header ?? cells.some(namesColumns);
      names = cells.map((cell, i) => (named && cell.trim() !== '' ? own(cell.trim()) : defaultName(i)));
      columns = names.map(() => columnWith(reader));
      if (named) return;
    }
    if (cells.length !== columns.length)
      throw lines.length === 0 && columns.length === 1 && (separator !== undefined || !hasBars(text, delimiter))
        ? titled(name, { line: firstLine, text: first[0]! }, { line, cells: cells.length, separator: delimiter })
        : ragged(name, line, columns.length, cells.length, separator === undefined && hasBars(text, delimiter));
    for (const [j, cell] of cells.entries()) columns[j]!.push(cell);
    lines.push(line);
  };
  eachRecord(name, text, delimiter, take, comments.lines + 1);
  const reading = {
    name,
    header: named,
    given: { ...(header === undefined ? {} : { header }), ...(separator === undefined ? {} : { separator }) },
    separator: delimiter,
    ...found,
    first: first.map((cell) => ({ cell: cell.trim(), isText: namesColumns(cell) })),
    columns: columns.map(({ values }) => values),
  };
  const unnamed = (names ?? []).filter((_, j) => named && first[j]!.trim() === '');
  const table = {
    rows: lines.length,
    remarks: [
      readingLine(reading, names ?? []),
      ...commentsLine(name, comments),
      ...readingDoubts(reading),
      ...columns.flatMap(({ errors }, j) => errorsLine(names![j]!, errors)),
    ].map(own),
    columns: columns.map(({ values, cells }, j) => ({ name: names![j]!, values, cells })),
    ...(unnamed.length === 0 ? {} : { unnamed }),
    decimal: found.decimal,
    place: (row: number) => `line ${lines[row]!}`,
  };
  return { table, header: named, separator: delimiter, decimal: found.decimal, comments };
};

interface Column {
  readonly values: number[];
  readonly cells: (string | undefined)[];
  /** The cells that are errors of a spreadsheet, such as `#DIV/0!`, with their numbers. */
  readonly errors: ReadonlyMap<string, number>;
  push(cell: string): void;
}

const columnWith = (reader: CellReader): Column => {
  const [values, cells]: [number[], (string | undefined)[]] = [[], []];
  const own = ownTexts();
  const errors = new Map<string, number>();
  return {
    values,
    cells,
    errors,
    push: (padded) => {
      const cell = padded.trim();
      const value = reader.numberOf(cell);
      const kept = keptCell(cell, value);
      if (kept === undefined && isSheetError(cell)) errors.set(own(cell), (errors.get(cell) ?? 0) + 1);
      cells.push(kept === undefined ? undefined : own(kept));
      values.push(value);
    },
  };
};

/** Returns a sentence for a column with errors of a spreadsheet, and otherwise no sentence. */
const errorsLine = (name: string, errors: ReadonlyMap<string, number>): readonly string[] => {
  if (errors.size === 0) return [];
  const cells = [...errors.values()].reduce((sum, count) => sum + count, 0);
  const told = cells === 1 ? '1 cell is an error of a spreadsheet' : `${cells} cells are errors of a spreadsheet`;
  return [
    `${name}: ${told} (${[...errors.keys()].join(', ')}), and ${cells === 1 ? 'counts as a gap' : 'count as gaps'}.`,
  ];
};

/** Returns the error for a line whose number of cells differs from the first line. */
export const ragged = (
  name: string,
  line: number,
  expected: number,
  got: number,
  hasOtherSeparator = false,
): FlowError =>
  malformed(
    name,
    `Line ${line} has the wrong number of cells`,
    `${expected} cells`,
    String(got),
    hasOtherSeparator
      ? 'The lines contain bars: set the option separator to "|". Delete the lines before the header and after the last row.'
      : 'Repair that line, or quote cells that hold the delimiter.',
  );

/** Whether bars, which are not the separator, may separate the cells: at least half of the first lines contain two. */
const hasBars = (text: string, delimiter: Separator): boolean => {
  if (delimiter === '|') return false;
  const lines = text
    .slice(0, 65_536)
    .split(/\r\n|\n|\r/)
    .slice(0, 100);
  return lines.filter((line) => line.split('|').length > 2).length >= lines.length / 2;
};
