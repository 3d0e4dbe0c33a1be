import { FlowError, growingFile, assertPath } from '@impflow/core';
import { extensionOf } from '../frame/extension.ts';
import { selectFrame } from '../frame/frame-rows.ts';
import type { Frame } from '../frame/frame.ts';
import { listed } from '../frame/printable.ts';
import { assertCells } from './row-values.ts';
import { csvEncoder, npyEncoder, parquetEncoder, type MakeEncoder } from './table-encoders.ts';

/** Options of {@link openTableWriter}. */
export interface TableWriterOptions {
  /**
   * Names of the columns that contain text, which are needed only for Parquet. Cells of text columns are written as in
   * their source file. The cells of all other columns must be numbers. Default: no text columns.
   */
  readonly texts?: readonly string[];
}

/** Writes a table of any size, one frame after the other. */
export interface TableWriter {
  /**
   * Appends the rows of a frame to the file. The columns are found by their names. Columns of the frame that are not
   * columns of the file are ignored. Calls must not overlap: await the promise of a call before the next call.
   *
   * @throws `input` for a column that the frame lacks, text in a column of numbers, or a disk that cannot be written;
   * `shape` for a column whose number of cells is not the number of rows. After an error, only `abort` can be called.
   */
  write(frame: Frame): Promise<void>;
  /**
   * Completes the temporary file, flushes it to the disk, and renames it to `path`.
   *
   * @throws `input` if the file cannot be written; `option` if the writer is already closed, or if a write has failed.
   */
  close(): Promise<void>;
  /** Deletes the temporary file. An older file at the path is kept. After `close`, `abort` has no effect. */
  abort(): Promise<void>;
}

const AT = 'tables/openTableWriter';

const ENCODERS: Readonly<Record<string, MakeEncoder>> = {
  '.csv': csvEncoder,
  '.npy': npyEncoder,
  '.parquet': parquetEncoder,
};

/**
 * Opens a `.csv`, `.npy` or `.parquet` file, to which rows are written frame by frame. The bytes are written to a
 * temporary file in the folder of `path`, and `close` renames the temporary file. So a reader of `path` gets the old
 * file or the complete new file. CSV and NumPy files are byte-identical to the files that `writeFrame` writes for all
 * rows together. In a Parquet file, each frame is a row group. Numbers have the type DOUBLE, text has the type STRING,
 * and missing cells are null.
 *
 * @remarks The writer holds the bytes of one frame in memory, and for Parquet about 100 additional bytes per frame and
 * column. If the process is killed, its `.tmp` file remains, and readers ignore this file.
 * @throws `option` for an unknown extension, an empty list of columns, a name that is listed twice, and a name in
 * `texts` that is not a column; `input` if the folder is missing or not writable.
 */
export const openTableWriter = async (
  path: string,
  columns: readonly string[],
  { texts = [] }: TableWriterOptions = {},
): Promise<TableWriter> => {
  assertPath(AT, path);
  const make = ENCODERS[extensionOf(path)];
  if (make === undefined)
    throw new FlowError('option', AT, `Cannot write ${path}`, {
      expected: `one of ${Object.keys(ENCODERS).join(', ')}`,
      got: extensionOf(path) || 'no extension',
      hint: 'Change the extension.',
    });
  if (columns.length === 0 || new Set(columns).size < columns.length)
    throw new FlowError('option', AT, 'Wrong columns', { expected: 'different names', got: listed(columns) || 'none' });
  const unknown = texts.filter((name) => !columns.includes(name));
  if (unknown.length > 0)
    throw new FlowError('option', AT, 'Unknown columns in the option texts', {
      expected: `some of ${listed(columns)}`,
      got: listed(unknown),
    });
  const file = await growingFile(path, AT);
  const encoder = make(AT, file, columns, texts);
  let state: 'open' | 'failed' | 'closed' = 'open';
  const working = async (work: () => Promise<void>): Promise<void> => {
    if (state !== 'open')
      throw new FlowError('option', AT, `Cannot continue writing ${path}`, {
        expected: 'an open file',
        got: state === 'closed' ? 'a closed file' : 'a file whose last write still runs or has failed',
        hint: 'Open it again.',
      });
    // If `work` throws, the state remains `failed`.
    state = 'failed';
    await work();
    state = 'open';
  };
  const abort = async (): Promise<void> => {
    if (state === 'closed') return;
    state = 'closed';
    await file.discard();
  };
  await encoder.begin().catch(async (error: unknown) => {
    await abort();
    throw error;
  });
  return Object.freeze({
    write: (frame: Frame) =>
      working(async () => {
        assertCells(AT, frame);
        await encoder.rows(selectFrame(frame, columns));
      }),
    close: async () => {
      await working(async () => {
        await encoder.end();
        await file.commit();
      });
      state = 'closed';
    },
    abort,
  });
};
