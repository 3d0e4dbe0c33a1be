import { unpackedExtension } from '../frame/extension.ts';
import type { Decimal } from '../frame/simple-number.ts';
import { eachRecord } from '../read/csv-text.ts';
import { parseCsv } from '../read/csv.ts';
import { decimalFinder, type DecimalFinder } from '../read/decimal.ts';
import type { CsvOptions, Separator } from '../read/options.ts';
import { assertNotEmpty } from '../read/raw.ts';
import type { ByteSource } from './byte-source.ts';
import { columnFacts, type ColumnFacts } from './column-facts.ts';
import { countLines, wholeCsvLines } from './csv-cut.ts';
import { linesText, withoutMark } from './csv-lines.ts';
import type { FileParts } from './file-parts.ts';
import { scanLines } from './scan-lines.ts';
import type { CsvReading, TablePart } from './table-part.ts';
import { pathOf } from './url-source.ts';

/**
 * Number of bytes at the beginning of the file that are used to find the header, the separator, and the doubtful
 * assumptions that are reported to the user. The number is rounded up to whole lines.
 */
const HEAD_BYTES: number = 2 ** 20;

/**
 * Divides a CSV or TSV into parts of whole lines, of about `partBytes` bytes each, and determines how to read the
 * lines. A part has the same cells that `readFrame` would read for its lines from the whole file.
 *
 * @remarks The whole file is read once, and only one part is in memory at a time. Reading takes about six seconds per
 * GB without quotes, and 25 seconds per GB with quotes in each line.
 * @throws `input` for a file that is empty or not text, or that has misplaced quotes; `option` if separator and decimal
 * sign are both commas.
 */
export const csvParts = async (
  source: ByteSource,
  options: CsvOptions,
  partBytes: number,
  headBytes: number = HEAD_BYTES,
): Promise<FileParts> => {
  const { file } = source;
  const separator = options.separator ?? (unpackedExtension(pathOf(file)) === '.tsv' ? '\t' : undefined);
  const given = { ...options, ...(separator === undefined ? {} : { separator }) };
  let head = await wholeCsvLines(source, 0, headBytes);
  assertNotEmpty(file, head);
  let first = parseCsv(file, head, given);
  // If all lines read so far are blank, more lines are read.
  while (first.table.columns.length === 0 && head.length < source.size) {
    head = await wholeCsvLines(source, 0, 2 * head.length);
    first = parseCsv(file, head, given);
  }
  let scan = await scanned(source, first, given.decimal === undefined && first.separator !== ',', partBytes);
  // Cells after the first `headBytes` bytes may show that the decimal sign is not the one that was found in these
  // bytes.
  if (scan.decimal !== first.decimal) {
    first = parseCsv(file, head, { ...given, decimal: scan.decimal });
    scan = await scanned(source, first, false, partBytes);
  }
  const names = first.table.columns.map(({ name }) => name);
  const reading: CsvReading = { names, separator: first.separator, decimal: first.decimal, keeps: scan.facts.keeps() };
  return {
    columns: names,
    parts: scan.pieces.map((piece) => ({ file, kind: 'csv', ...piece, reading })),
    remarks: first.table.remarks ?? [],
  };
};

interface Scanned {
  readonly pieces: readonly Pick<TablePart, 'from' | 'to' | 'rows' | 'line' | 'header'>[];
  readonly facts: ColumnFacts;
  readonly decimal: Decimal;
}

interface First {
  readonly header: boolean;
  readonly separator: Separator;
  readonly decimal: Decimal;
  readonly comments: { readonly text: string; readonly lines: number };
  readonly table: { readonly columns: readonly unknown[] };
}

const scanned = async (
  source: ByteSource,
  { header, separator, decimal, comments, table }: First,
  asks: boolean,
  partBytes: number,
): Promise<Scanned> => {
  const facts = columnFacts(table.columns.length, decimal);
  const finder = asks ? decimalFinder() : undefined;
  const scan = { separator, decimal, width: table.columns.length, facts, ...(finder === undefined ? {} : { finder }) };
  const pieces = [];
  let [named, line] = [!header, 1 + comments.lines];
  for (let from = await bytesOfComments(source, comments.text); from < source.size;) {
    const bytes = await wholeCsvLines(source, from, partBytes);
    const hasQuotes = bytes.includes('"');
    const { lines, rows, sawRecord } = hasQuotes
      ? scanRecords(source.file, bytes, { ...scan, from, line, named })
      : scanLines(from === 0 ? withoutMark(bytes) : bytes, scan, !named);
    pieces.push({ from, to: from + bytes.length, rows, line, ...(named ? {} : { header: true }) });
    named ||= sawRecord;
    line += lines;
    from += bytes.length;
  }
  return { pieces, facts, decimal: finder?.found().decimal ?? decimal };
};

/** Returns the number of bytes of the comments before a table, and of the byte order mark before them. */
const bytesOfComments = async (source: ByteSource, comments: string): Promise<number> => {
  if (comments === '') return 0;
  const start = await source.read(0, Math.min(source.size, 3));
  return Buffer.byteLength(comments) + start.length - withoutMark(start).length;
};

/** Records the kinds of all cells of lines with quotes, as {@link scanLines} does for lines without quotes. */
const scanRecords = (
  file: string,
  bytes: Buffer,
  at: {
    readonly from: number;
    readonly line: number;
    readonly named: boolean;
    readonly separator: Separator;
    readonly facts: ColumnFacts;
    readonly finder?: DecimalFinder;
  },
): ReturnType<typeof scanLines> => {
  const { facts, finder, separator } = at;
  let records = 0;
  const take = (cells: readonly string[]): void => {
    if (records++ === 0 && !at.named) return;
    for (const [j, cell] of cells.entries()) {
      if (finder !== undefined && !finder.isSettled()) finder.take(cell);
      if (!facts.isSettled(j)) facts.take(j, cell);
    }
  };
  eachRecord(file, linesText(file, bytes, at), separator, take, at.line);
  return { lines: countLines(bytes), rows: records - (at.named || records === 0 ? 0 : 1), sawRecord: records > 0 };
};
