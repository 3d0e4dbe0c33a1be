import { FlowError, writeAtomically } from '@impflow/core';
import { extensionOf } from '../frame/extension.ts';
import type { Frame } from '../frame/frame.ts';
import { toCsvFrame } from './csv.ts';
import { littleEndian, npyHeader, toParquetFrame } from './encode.ts';
import { assertCells, rowValues } from './row-values.ts';

/**
 * Writes a frame as `.csv`, `.npy` or `.parquet`, by the extension of `path`. The bytes are written to a temporary file
 * in the same folder, which is then renamed: a reader of `path` gets the old file or the complete new file. CSV: see
 * {@link toCsvFrame}. Parquet: columns of numbers are DOUBLE. Columns with texts, or with whole numbers that must stay
 * as written, are STRING. Gaps are null. NumPy: the numbers are float64, gaps are NaN, and the names are lost.
 *
 * @throws `option` for an unknown extension; `shape` if a column has another number of rows; `input` for texts in a
 * `.npy`, and if the folder is missing or not writable.
 */
export const writeFrame = async (path: string, frame: Frame): Promise<void> => {
  const encode = ENCODERS[extensionOf(path)];
  if (encode === undefined)
    throw new FlowError('option', AT, `Cannot write ${path}`, {
      expected: `one of ${Object.keys(ENCODERS).join(', ')}`,
      got: extensionOf(path) || 'no extension',
      hint: 'Change the extension.',
    });
  assertCells(AT, frame);
  await writeAtomically(path, encode(frame), AT);
};

const AT = 'tables/writeFrame';

const ENCODERS: Readonly<Record<string, (frame: Frame) => Buffer>> = {
  '.csv': (frame) => Buffer.from(toCsvFrame(frame)),
  '.npy': (frame) => Buffer.concat([npyHeader(frame.rows, frame.columns.length), littleEndian(rowValues(AT, frame))]),
  '.parquet': toParquetFrame,
};
