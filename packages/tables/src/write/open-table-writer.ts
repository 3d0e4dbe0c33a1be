import { FlowError, growingFile } from '@impflow/core';
import { extensionOf } from '../frame/extension.ts';
import { selectFrame } from '../frame/frame-rows.ts';
import type { Frame } from '../frame/frame.ts';
import { listed } from '../frame/printable.ts';
import { assertCells } from './row-values.ts';
import { csvEncoder, npyEncoder, parquetEncoder, type MakeEncoder } from './table-encoders.ts';

/** Options of {@link openTableWriter}. */
export interface TableWriterOptions {
  /**
   * Names of the columns that hold texts. Only Parquet needs them. Cells of these columns are written as in their
   * source file. Cells of the other columns must be numbers. Default: none.
   */
  readonly texts?: readonly string[];
}

/** Writes a table of any size, one frame after the other. */
export interface TableWriter {
  /**
   * Writes the rows of a frame after the earlier rows. The columns are found by their names. The frame may have further
   * columns, which are ignored. Calls must not overlap: await the promise of a call before the next call.
   *
   * @throws `input` for a column that the frame lacks, a text in a column of numbers, or a disk that cannot be written;
   * `shape` for a column with another number of cells. After an error the file cannot be closed, only aborted.
   */
  write(frame: Frame): Promise<void>;
  /**
   * Completes the file, flushes it to the disk, and renames it to its path.
   *
   * @throws `input` if the file cannot be written; `option` if the writer is already closed, or if a write has failed.
   */
  close(): Promise<void>;
  /** Removes what was written. A file that was at the path before is kept. Does nothing after `close`. */
  abort(): Promise<void>;
}

const AT = 'tables/openTableWriter';

const ENCODERS: Readonly<Record<string, MakeEncoder>> = {
  '.csv': csvEncoder,
  '.npy': npyEncoder,
  '.parquet': parquetEncoder,
};

/**
 * Opens a `.csv`, `.npy` or `.parquet` file for rows that come in frames. The bytes are written to a temporary file in
 * the same folder, which `close` renames: a reader of `path` gets the old file or the complete new file. CSV and NumPy
 * files are byte-identical to the files that `writeFrame` writes for all rows together. In Parquet, each frame is a row
 * group, numbers are DOUBLE, texts STRING, and gaps null.
 *
 * @remarks Holds the bytes of one frame in memory, and for Parquet about 100 more bytes per frame and column. A killed
 * process leaves its `.tmp` file behind, which readers ignore.
 * @throws `option` for an unknown extension, no columns, a name given twice, and names in `texts` that are not columns;
 * `input` if the folder is missing or not writable.
 */
export const openTableWriter = async (
  path: string,
  columns: readonly string[],
  { texts = [] }: TableWriterOptions = {},
): Promise<TableWriter> => {
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
    // If the work throws, the state stays `failed`.
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
