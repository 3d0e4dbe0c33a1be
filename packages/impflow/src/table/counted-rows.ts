import { pickFrameRows, rowWeights, type Frame } from '@impflow/tables';

/**
 * Returns the indices of the rows whose weight is above 0. A row of weight 0 counts nowhere: it must not influence a
 * quantile, the coverage of an interval or the scale of a column.
 *
 * @param weights Name of the column of row weights.
 * @returns Undefined if there are no weights, or if no weight is 0.
 * @throws the errors of `rowWeights`.
 */
export const countedIndices = (frame: Frame, weights: string | undefined): Uint32Array | undefined => {
  if (weights === undefined) return undefined;
  const own = rowWeights(frame, weights, 'impflow/fit');
  return own.includes(0) ? Uint32Array.from(own.keys()).filter((row) => own[row]! > 0) : undefined;
};

/** Returns the rows of a frame whose weight is above 0: see {@link countedIndices}. */
export const countedRows = (frame: Frame, weights: string | undefined): Frame => {
  const rows = countedIndices(frame, weights);
  return rows === undefined ? frame : pickFrameRows(frame, rows);
};
