import { cellsWith, isGapAmongNumbers, keptCell, type CellReader } from '../frame/cells.ts';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import { shortened } from '../frame/printable.ts';
import { eachRecord } from '../read/csv-text.ts';
import { ragged } from '../read/csv.ts';
import type { ColumnForm } from '../read/frame-columns.ts';
import { ownTexts } from '../read/own-text.ts';
import { changed, type ByteSource } from './byte-source.ts';
import { linesText } from './csv-lines.ts';
import { partColumns, type WantedColumns } from './part-columns.ts';
import type { CsvReading, TablePart } from './table-part.ts';

/** Reads one part of a CSV file, which consists of whole lines. */
export const readCsvPart = async (
  at: string,
  source: ByteSource,
  { from, to, rows, line = 1, header = false, reading }: TablePart,
  { columns: wanted, categories }: WantedColumns,
): Promise<Frame> => {
  const { file } = source;
  const { names, keeps, separator, decimal } = reading as CsvReading;
  const chosen = partColumns(at, file, names, wanted);
  const cells = cellsWith(decimal);
  const columns = chosen.map((j) =>
    COLUMNS[categories.includes(names[j]!) ? 'texts' : keeps[j]!](names[j]!, cells, rows),
  );
  const lines = new Float64Array(rows);
  let [row, skip] = [0, header];
  const take = (record: readonly string[], place: number): void => {
    if (skip) return void (skip = false);
    if (record.length !== names.length) throw ragged(file, place, names.length, record.length);
    for (let i = 0; i < chosen.length; i++)
      if (!columns[i]!.put(row, record[chosen[i]!]!))
        throw changed(
          at,
          file,
          `only numbers in the column ${shortened(names[chosen[i]!]!)}`,
          `another cell in line ${place}`,
        );
    lines[row++] = place;
  };
  eachRecord(file, linesText(file, await source.read(from, to), { from, line }), separator, take, line);
  if (row !== rows) throw changed(at, file, `${rows} rows from byte ${from} to ${to}`, `${row}`);
  return { columns: columns.map(({ frame }) => frame), rows, source: file, place: (index) => `line ${lines[index]!}` };
};

interface PartColumn {
  readonly frame: FrameColumn;
  /**
   * Sets a cell of the column. Returns false if the column cannot contain the cell, such as text in a column of
   * numbers.
   */
  put(row: number, padded: string): boolean;
}

type MakeColumn = (name: string, reader: CellReader, rows: number) => PartColumn;

const numbersColumn: MakeColumn = (name, { numberOf }, rows) => {
  const numbers = new Float64Array(rows);
  return {
    frame: { name, numbers },
    put: (row, cell) => {
      const value = numberOf(cell);
      numbers[row] = value;
      return !Number.isNaN(value) || isGapAmongNumbers(cell.trim());
    },
  };
};

const writtenColumn: MakeColumn = (name, { numberOf }, rows) => {
  const numbers = new Float64Array(rows);
  const written = Array.from<string | undefined>({ length: rows });
  const own = ownTexts();
  return {
    frame: { name, numbers, written },
    put: (row, padded) => {
      const cell = padded.trim();
      const value = numberOf(cell);
      numbers[row] = value;
      if (Number.isNaN(value)) return isGapAmongNumbers(cell);
      written[row] = own(cell);
      return true;
    },
  };
};

const textsColumn: MakeColumn = (name, reader, rows) => {
  const numbers = new Float64Array(rows);
  const [texts, written] = [0, 1].map(() => Array.from<string | undefined>({ length: rows })) as [
    (string | undefined)[],
    (string | undefined)[],
  ];
  const own = ownTexts();
  return {
    frame: { name, numbers, texts, written },
    put: (row, padded) => {
      const cell = padded.trim();
      const value = reader.numberOf(cell);
      numbers[row] = value;
      if (Number.isNaN(value)) {
        const kept = keptCell(cell, NaN);
        if (kept !== undefined) texts[row] = written[row] = own(kept);
      } else written[row] = own(cell);
      return true;
    },
  };
};

const COLUMNS: Readonly<Record<ColumnForm, MakeColumn>> = {
  numbers: numbersColumn,
  written: writtenColumn,
  texts: textsColumn,
};
