import { FlowError } from '@impflow/core';

export interface ImageReadOptions {
  /** At most so many images; all by default. */
  readonly limit?: number;
}

/** How many of `count` images to take. @throws `option`, for the function `at`, for a limit that is no count. */
export const limited = (at: string, { limit }: ImageReadOptions, count: number): number => {
  if (limit === undefined) return count;
  if (!Number.isSafeInteger(limit) || limit < 1) throw new FlowError('option', at, 'Wrong limit', { expected: 'an integer of at least 1', got: String(limit) });
  return Math.min(limit, count);
};
