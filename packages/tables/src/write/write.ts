import { FlowError, writeAtomically } from '@impflow/core';
import { extensionOf } from '../frame/extension.ts';
import type { Frame } from '../frame/frame.ts';
import { toCsvFrame, type Writable } from './csv.ts';
import { toCsv, toNpy, toParquet, toParquetFrame } from './encode.ts';
import { assertCells, rowValues } from './row-values.ts';

/**
 * Writes a table as `.csv`, `.npy` or `.parquet`, by the extension of `path`. The bytes go to a temporary file beside
 * it, which is then renamed: a reader of `path` sees the old file or the whole new one.
 *
 * @throws `option` for an unknown extension; `shape` if the number of values is wrong; `input` if the folder is missing
 * or not writable.
 */
export const writeTable = async (path: string, table: Writable): Promise<void> => {
  const at = 'tables/writeTable';
  const encode = encoderOf(at, path, TABLES);
  const { columns, rows, values } = table;
  if (values.length !== rows * columns.length) {
    throw new FlowError('shape', at, 'Wrong number of values', {
      expected: `${rows} rows of ${columns.length}`,
      got: `${values.length} numbers`,
    });
  }
  await writeAtomically(path, encode(table), at);
};

/**
 * Writes a frame as {@link writeTable} does with a table. CSV: see {@link toCsvFrame}. Parquet: columns of numbers are
 * DOUBLE, columns with texts or with whole numbers that must stay as written are STRING, gaps are null. NumPy: float64,
 * gaps are NaN, names are lost.
 *
 * @throws `option` for an unknown extension; `shape` if a column has another number of rows; `input` for texts in a
 * `.npy`, and if the folder is missing or not writable.
 */
export const writeFrame = async (path: string, frame: Frame): Promise<void> => {
  const encode = encoderOf(AT_FRAME, path, FRAMES);
  assertCells(AT_FRAME, frame);
  await writeAtomically(path, encode(frame), AT_FRAME);
};

const AT_FRAME = 'tables/writeFrame';

const toNpyFrame = (frame: Frame): Buffer =>
  toNpy({ columns: frame.columns.map(({ name }) => name), rows: frame.rows, values: rowValues(AT_FRAME, frame) });

type Encoders<T> = Readonly<Record<string, (rows: T) => Buffer>>;

const TABLES: Encoders<Writable> = { '.csv': toCsv, '.npy': toNpy, '.parquet': toParquet };

const FRAMES: Encoders<Frame> = {
  '.csv': (frame) => Buffer.from(toCsvFrame(frame)),
  '.npy': toNpyFrame,
  '.parquet': toParquetFrame,
};

const encoderOf = <T>(at: string, path: string, encoders: Encoders<T>): ((rows: T) => Buffer) => {
  const encode = encoders[extensionOf(path)];
  if (encode !== undefined) return encode;
  throw new FlowError('option', at, `Cannot write ${path}`, {
    expected: `one of ${Object.keys(encoders).join(', ')}`,
    got: extensionOf(path) || 'no extension',
    hint: 'Change the extension.',
  });
};
