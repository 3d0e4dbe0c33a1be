import { FlowError, type GrowingFile } from '@impflow/core';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import { shortened } from '../frame/printable.ts';
import { cellText, csvHeader, csvRows } from './csv.ts';
import { littleEndian, npyHeader } from './encode.ts';
import { rowValues } from './row-values.ts';

/** Encodes frames in one file format, and writes them to a file one after the other. */
interface TableEncoder {
  /** Writes the bytes of the file that come before the first row, such as the header. */
  begin(): Promise<void>;
  /** Writes the rows of a frame. The frame must have the columns of the file, in the order of the file. */
  rows(frame: Frame): Promise<void>;
  /** Writes the bytes of the file that come after the last row or depend on the number of rows. */
  end(): Promise<void>;
}

/**
 * Function that creates an encoder for a file with the given columns. The columns in `texts` contain text. `at` is the
 * name of the calling function, for error messages.
 */
export type MakeEncoder = (
  at: string,
  file: GrowingFile,
  columns: readonly string[],
  texts: readonly string[],
) => TableEncoder;

/** Number of rows that are converted to CSV lines at a time. */
const LINES = 2 ** 14;

/** Creates an encoder that writes CSV text as `toCsvFrame` does. */
export const csvEncoder: MakeEncoder = (_, file, columns) => ({
  begin: () => file.append(Buffer.from(csvHeader(columns))),
  rows: async ({ columns: cells, rows }) => {
    for (let from = 0; from < rows; from += LINES) {
      const to = Math.min(rows, from + LINES);
      await file.append(
        Buffer.from(csvRows({ columns: cells.map((column) => slice(column, from, to)), rows: to - from })),
      );
    }
  },
  end: () => Promise.resolve(),
});

const slice = ({ name, numbers, texts, written }: FrameColumn, from: number, to: number): FrameColumn => ({
  name,
  numbers: numbers.subarray(from, to),
  ...(texts === undefined ? {} : { texts: texts.slice(from, to) }),
  ...(written === undefined ? {} : { written: written.slice(from, to) }),
});

/**
 * Creates an encoder that writes a NumPy array of float64. The number of rows is written into the header after the last
 * row.
 */
export const npyEncoder: MakeEncoder = (at, file, columns) => {
  let count = 0;
  return {
    begin: () => file.append(npyHeader(0, columns.length)),
    rows: async (frame) => {
      await file.append(littleEndian(rowValues(at, frame)));
      count += frame.rows;
    },
    end: () => file.overwrite(npyHeader(count, columns.length), 0),
  };
};

/** Creates an encoder that writes a Parquet file, compressed by Snappy, with one row group for each frame. */
export const parquetEncoder: MakeEncoder = (at, file, columns, texts) => {
  const bytes = new ByteWriter();
  const flushed = async (): Promise<void> => {
    await file.append(bytes.getBytes());
    // The buffer is filled from its beginning again. The writer counts the offset in the file separately.
    bytes.index = 0;
  };
  const schema: SchemaElement[] = [
    { name: 'root', num_children: columns.length },
    ...columns.map((name): SchemaElement =>
      texts.includes(name)
        ? { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' }
        : { name, type: 'DOUBLE', repetition_type: 'OPTIONAL' },
    ),
  ];
  const writer = new ParquetWriter({ writer: bytes, schema });
  return {
    begin: () => Promise.resolve(),
    rows: async (frame) => {
      if (frame.rows === 0) return;
      const columnData = frame.columns.map((column) => ({
        name: column.name,
        data: texts.includes(column.name) ? textsOf(column, frame.rows) : numbersOf(at, column, frame),
      }));
      await writer.write({ columnData, rowGroupSize: frame.rows });
      await flushed();
    },
    end: async () => {
      await writer.finish();
      await flushed();
    },
  };
};

const textsOf = (column: FrameColumn, rows: number): (string | null)[] =>
  Array.from({ length: rows }, (_, row) => cellText(column, row) ?? null);

const numbersOf = (
  at: string,
  { name, numbers, texts }: FrameColumn,
  frame: Frame,
): Float64Array | (number | null)[] => {
  const row = texts?.findIndex((text) => text !== undefined) ?? -1;
  if (row >= 0)
    throw new FlowError(
      'input',
      at,
      `Text in the column "${shortened(name)}" of ${frame.source}, ${frame.place(row)}`,
      {
        expected: 'numbers, as in the columns that are not declared as texts',
        got: `"${shortened(texts![row]!)}"`,
        hint: 'Name the column in the option texts.',
      },
    );
  return numbers.some(Number.isNaN) ? Array.from(numbers, (value) => (Number.isNaN(value) ? null : value)) : numbers;
};
