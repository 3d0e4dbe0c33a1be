import { fold, key } from './key.ts';

/**
 * Returns a name for each row, computed from the numbers in the row, for `forRows`. The random numbers of a row then
 * depend on the numbers in the row, and not on its index or on other rows. Equal rows have equal names.
 *
 * @param values Numbers `[count, size]`. `-0` counts as 0.
 * @returns Hashes of 53 bits, `[count]`.
 */
export const contentNames = (values: Float32Array, count: number): readonly number[] => {
  const words = new Int32Array(values.map((value) => value + 0).buffer);
  const size = words.length / count;
  return Array.from({ length: count }, (_, i) => {
    let hash = key(size);
    for (const word of words.subarray(i * size, (i + 1) * size)) hash = fold(hash, word >>> 0);
    return (hash.high >>> 11) * 2 ** 32 + (hash.low >>> 0);
  });
};
