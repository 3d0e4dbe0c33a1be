import { FlowError } from '@impflow/core';

/** A range of rows `[from, to)`. */
interface RowRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Default limits on the numbers of rows and of cells of a part. With these limits, the numbers of a part take at most
 * 32 MiB.
 */
const [PART_ROWS, PART_CELLS] = [2 ** 18, 2 ** 22];
/** Largest number of parts of a file, so that the list of parts fits into memory. */
const MOST_PARTS = 2 ** 20;

/**
 * Divides the rows of a file into ranges of at most `partRows` rows. `groups` contains the numbers of rows of the row
 * groups of the file. Consecutive groups with together at most `partRows` rows are joined to one range. A larger group
 * is divided into ranges of equal size. By default, a range has at most 262,144 rows and at most 4 Mi cells.
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
