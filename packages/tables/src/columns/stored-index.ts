import type { Frame, FrameColumn } from '../frame/frame.ts';

/** Names that pandas gives to an index without a name, in Parquet files and in CSV files that are read and written again. */
const NAMES = /^(__index_level_\d+__|Unnamed: \d+)$/;

/**
 * Whether a column is the index that pandas stores with a table: it has no name of its own, and a different whole number
 * in each row. The rows may be shuffled or filtered.
 */
export const isStoredIndex = (
  { name, numbers, texts }: FrameColumn,
  { unnamed = [] }: Pick<Frame, 'unnamed'>,
): boolean =>
  (unnamed.includes(name) || NAMES.test(name)) &&
  texts === undefined &&
  numbers.every((value) => Number.isInteger(value)) &&
  new Set(numbers).size === numbers.length;
