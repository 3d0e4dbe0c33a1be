import { FlowError, shown } from '@impflow/core';

/** Options of the readers of images. */
export interface ImageReadOptions {
  /** Largest number of images to read. Default: all. */
  readonly limit?: number;
}

/**
 * Returns how many of `count` images to read. `at` is the name of the calling function, for error messages.
 *
 * @throws `option` for a limit that is not a positive integer.
 */
export const limited = (at: string, { limit }: ImageReadOptions, count: number): number => {
  if (limit === undefined) return count;
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new FlowError('option', at, 'Wrong limit', { expected: 'an integer of at least 1', got: shown(limit) });
  return Math.min(limit, count);
};
