import { frameOfColumns, toCsvFrame, type Frame, type FrameColumn, type ScoredRows } from '@impflow/tables';
import type { AnyRow } from 'impflow';

/**
 * Returns a table with the columns of `impflow score`: log-density in nats, percentile and p-value among the test rows,
 * whether all solves converged, and for a table with empty cells the standard error and the number of empty cells.
 */
export const scoresCsv = (frame: Frame, scores: ScoredRows, estimated: boolean): string => {
  const haveGaps = scores.gaps.some((count) => count > 0);
  const own: readonly (readonly [name: string, numbers: ArrayLike<number>])[] = [
    ['log_density', scores.values],
    ['percentile', scores.percentiles],
    ['converged', scores.converged],
    ...(estimated || haveGaps ? [['se', scores.errors] as const] : []),
    ...(haveGaps ? [['gaps', scores.gaps] as const] : []),
    ['p_value', scores.pValues],
  ];
  const names = frame.columns.map(({ name }) => name);
  const free = (name: string): string => (names.includes(name) ? free(`${name}_`) : name);
  const added = own.map(([name, numbers]): FrameColumn => ({ name: free(name), numbers: Float64Array.from(numbers) }));
  return toCsvFrame({ ...frame, columns: [...frame.columns, ...added] }, { verbatim: names });
};

/** Returns a table whose empty cells are filled by one draw of the model, as `impflow impute` fills them. */
export const filledCsv = (frame: Frame, filled: readonly AnyRow[]): string => {
  const names = frame.columns.map(({ name }) => name);
  const known = Object.keys(filled[0] ?? {});
  const columns = frame.columns.map((column) => {
    if (!known.includes(column.name)) return column;
    const isGap = (row: number): boolean => Number.isNaN(column.numbers[row]) && column.texts?.[row] === undefined;
    if (!column.numbers.some((_, row) => isGap(row))) return column;
    const [own] = frameOfColumns(
      [{ name: column.name, length: frame.rows, cell: (row) => filled[row]![column.name] }],
      frame.source,
    ).columns;
    return own!;
  });
  return toCsvFrame({ ...frame, columns }, { verbatim: names });
};
