import { FlowError } from '@impflow/core';

/** A file or URL from which ranges of bytes are read. */
export interface ByteSource {
  /** Path or URL of the file, for error messages. */
  readonly file: string;
  /** Size of the file in bytes. */
  readonly size: number;
  /**
   * Reads the bytes `[from, to)`. The caller owns the returned buffer.
   *
   * @throws `input` if the bytes cannot be read, or if the size of the file has changed.
   */
  read(from: number, to: number): Promise<Buffer>;
  /** Closes the file. */
  close(): Promise<void>;
}

/** Returns the error for a file that was changed after `tableParts` had found its parts. */
export const changed = (at: string, file: string, expected: number | string, got: number | string): FlowError => {
  const shownSize = (size: number | string): string => (typeof size === 'number' ? `${size} bytes` : size);
  return new FlowError('input', at, `${file} has changed since its parts were found`, {
    expected: shownSize(expected),
    got: shownSize(got),
    hint: 'Call tableParts again, and do not change the file until its parts are read.',
  });
};

/** Largest number of bytes that are read in one call. A damaged file may declare ranges that do not fit into memory. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Checks that the bytes `[from, to)` lie within a file.
 *
 * @throws `input` if the range is too long or outside the file.
 */
export const assertWithin = (at: string, file: string, size: number, from: number, to: number): void => {
  if (from >= 0 && from <= to && to <= size && to - from <= MOST_BYTES) return;
  throw new FlowError('input', at, `A part lies outside ${file}`, {
    expected: `at most ${MOST_BYTES} bytes, within the ${size} bytes of the file`,
    got: `${from} to ${to}`,
    hint: 'The file is damaged: write it again.',
  });
};
