import { FlowError } from '@impflow/core';

/** A range of rows `[from, to)`. */
interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** By default, a part has at most this many rows and at most this many cells. Its numbers then take at most 32 MiB. */
const [PART_ROWS, PART_CELLS] = [2 ** 18, 2 ** 22];
/** Largest number of parts. A longer list would itself be a large table. */
const MOST_PARTS = 2 ** 20;

/**
 * Divides rows, which come in groups of these sizes, into ranges of at most `partRows` rows. Consecutive groups that
 * together have at most `partRows` rows are joined to one range. A larger group is divided evenly. By default, a range
 * has 262,144 rows, or fewer if it would have more than 4 Mi cells.
 *
 * @throws `input` for more than 1,048,576 ranges.
 */
export const rowRanges = (
  file: string,
  groups: readonly number[],
  width: number,
  partRows: number = Math.max(1, Math.min(PART_ROWS, Math.floor(PART_CELLS / Math.max(1, width)))),
): readonly RowRange[] => {
  const ranges: { from: number; to: number }[] = [];
  let start = 0;
  for (const rows of groups) {
    const last = ranges.at(-1);
    const pieces = Math.ceil(rows / partRows);
    if (ranges.length + pieces > MOST_PARTS)
      throw new FlowError('input', 'tables/tableParts', `Too many parts of ${file}`, {
        expected: `at most ${MOST_PARTS}`,
        got: 'more',
        hint: 'Raise partRows, or write the file again if it is damaged.',
      });
    if (last !== undefined && last.to - last.from + rows <= partRows) last.to += rows;
    else {
      for (let piece = 0; piece < pieces; piece++)
        ranges.push({
          from: start + Math.floor((piece * rows) / pieces),
          to: start + Math.floor(((piece + 1) * rows) / pieces),
        });
    }
    start += rows;
  }
  return ranges;
};
