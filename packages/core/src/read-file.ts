import { assertPath } from './arguments.ts';
import { FlowError } from './errors.ts';
import { openRegularFile } from './regular-file.ts';

/** Options of {@link fileBytes}. */
export interface FileBytesOptions {
  /** What the path should lead to, for messages. Default: `a file`. */
  readonly expected?: string;
  /**
   * Receives the first bytes of the file, at most 64 KiB, and its size in bytes, before the whole file is read. Throws
   * to refuse a file of another kind, which may be too large to be read.
   */
  readonly examine?: (start: Buffer, size: number) => void;
}

const START_BYTES = 2 ** 16;
/** Largest size of a file that is read as a whole, in bytes. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Reads a whole regular file (Node). `at` is the function that the messages name.
 *
 * @throws the errors of {@link openRegularFile}; `input` for a file of more than 2 GiB, and for a file whose size
 * changes while it is read.
 */
export const fileBytes = async (
  at: string,
  path: string,
  { expected, examine }: FileBytesOptions = {},
): Promise<Buffer> => {
  assertPath(at, path);
  const file = await openRegularFile(at, path, expected);
  const { size } = file;
  const refused = (what: string, wanted: string, got: string, hint: string): FlowError =>
    new FlowError('input', at, `${what} ${path}`, { expected: wanted, got, hint });
  try {
    examine?.(await file.read(0, Math.min(size, START_BYTES)), size);
    if (size > MOST_BYTES)
      throw refused('Too large:', `at most ${MOST_BYTES} bytes`, `${size} bytes`, 'Divide the file.');
    const bytes = await file.read(0, size);
    // One more byte is asked for, because the file may have grown.
    const { length: more } = await file.read(size, size + 1);
    if (bytes.length === size && more === 0) return bytes;
    throw refused(
      'Another program writes',
      `${size} bytes, the size of the file when it was opened`,
      more > 0 ? 'more' : `${bytes.length}`,
      'Wait until the file is complete, or copy it and give the copy.',
    );
  } finally {
    await file.close();
  }
};
