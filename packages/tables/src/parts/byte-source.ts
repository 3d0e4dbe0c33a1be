import { FlowError } from '@impflow/core';

/** A file whose bytes are read by ranges. */
export interface ByteSource {
  /** Path or URL, for messages. */
  readonly file: string;
  /** Size in bytes. */
  readonly size: number;
  /**
   * Reads the bytes `[from, to)`. The buffer is not shared.
   *
   * @throws `input` if they cannot be read, or the file has changed its size.
   */
  read(from: number, to: number): Promise<Buffer>;
  /** Closes the file. */
  close(): Promise<void>;
}

/** Returns the error for a file that has changed since its parts were found. */
export const changed = (at: string, file: string, expected: number | string, got: number | string): FlowError => {
  const shownSize = (size: number | string): string => (typeof size === 'number' ? `${size} bytes` : size);
  return new FlowError('input', at, `${file} has changed since its parts were found`, {
    expected: shownSize(expected),
    got: shownSize(got),
    hint: 'Find its parts again, and leave the file alone until they are read.',
  });
};

/** Largest number of bytes of a part. A damaged file may declare parts that do not fit into memory. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Checks that `[from, to)` lies within a file.
 *
 * @throws `input` if not.
 */
export const assertWithin = (at: string, file: string, size: number, from: number, to: number): void => {
  if (from >= 0 && from <= to && to <= size && to - from <= MOST_BYTES) return;
  throw new FlowError('input', at, `A part lies outside ${file}`, {
    expected: `at most ${MOST_BYTES} bytes, within the ${size} bytes of the file`,
    got: `${from} to ${to}`,
    hint: 'The file is damaged: write it again.',
  });
};
