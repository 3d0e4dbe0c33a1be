import { FlowError, writeAtomically, assertPath } from '@impflow/core';
import { extensionOf } from '../frame/extension.ts';
import type { Frame } from '../frame/frame.ts';
import { toCsvFrame, type CsvWriteOptions } from './csv.ts';
import { littleEndian, npyHeader, toParquetFrame } from './encode.ts';
import { assertCells, rowValues } from './row-values.ts';

/**
 * Writes a frame to a `.csv`, `.npy` or `.parquet` file. The extension of `path` selects the format. The bytes are
 * written to a temporary file in the folder of `path`, which is then renamed. So a reader of `path` gets the old file
 * or the complete new file. For the CSV format, see {@link toCsvFrame}. In a Parquet file, columns of numbers have the
 * type DOUBLE. Parquet columns with text, or with whole numbers that must stay as they are written, have the type
 * STRING, and missing cells are null. In a NumPy file, the numbers are float64, missing cells are NaN, and the names of
 * the columns are lost. The options apply to CSV.
 *
 * @throws `option` for an unknown extension; `shape` if the number of cells of a column is not the number of rows;
 * `input` for text in a `.npy`, and if the folder is missing or not writable.
 */
export const writeFrame = async (path: string, frame: Frame, options: CsvWriteOptions = {}): Promise<void> => {
  assertPath(AT, path);
  const encode = ENCODERS[extensionOf(path)];
  if (encode === undefined)
    throw new FlowError('option', AT, `Cannot write ${path}`, {
      expected: `one of ${Object.keys(ENCODERS).join(', ')}`,
      got: extensionOf(path) || 'no extension',
      hint: 'Change the extension.',
    });
  assertCells(AT, frame);
  await writeAtomically(path, encode(frame, options), AT);
};

const AT = 'tables/writeFrame';

const ENCODERS: Readonly<Record<string, (frame: Frame, options: CsvWriteOptions) => Buffer>> = {
  '.csv': (frame, options) => Buffer.from(toCsvFrame(frame, options)),
  '.npy': (frame) => Buffer.concat([npyHeader(frame.rows, frame.columns.length), littleEndian(rowValues(AT, frame))]),
  '.parquet': toParquetFrame,
};
