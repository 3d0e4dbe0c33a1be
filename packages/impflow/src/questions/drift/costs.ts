import {
  completeRows,
  explain,
  logDensitiesOf,
  normalShare,
  pickValues,
  type TrainedRecords,
  type Values,
} from '@impflow/tables';

/** How much worse a column of the new rows fits the other columns than a column of the reference rows. */
export interface Cost {
  /**
   * Difference of the means, new rows minus reference rows, of the nats that the log-density of a row would gain if the
   * cell were drawn given the other cells. NaN if too few rows have no gaps.
   */
  readonly nats: number;
  /** Standard error of `nats`. */
  readonly standardError: number;
  /** p-value of the hypothesis that `nats` is 0, corrected for the number of columns. */
  readonly pValue: number;
}

/** Number of log-densities that the explanations of all rows may cost. Each cell costs 64. */
const MOST_DENSITIES = 60_000;
const EACH = 64;
/** Limits on the number of rows of each table that are explained. */
const ROWS = { least: 16, most: 250 } as const;

/**
 * Returns the cost of each target column, by name. The rows without gaps that come first are explained: at most 250
 * of each table, fewer with many columns.
 */
export const costsOf = (
  { density, estimated }: TrainedRecords,
  reference: Values,
  rows: Values,
): ReadonlyMap<string, Cost> => {
  const columns = density.spec.columns.filter((column) => column.given !== true).length;
  const most = Math.max(ROWS.least, Math.min(ROWS.most, Math.floor(MOST_DENSITIES / EACH / columns / 2)));
  const [before, after] = [reference, rows].map((values) => {
    const own = pickValues(values, completeRows(values, density.layout).slice(0, most));
    const found = logDensitiesOf(density, density.eventsOf(own), { estimated });
    return explain(density, own, found.values, { estimated });
  });
  const names = density.spec.columns.flatMap(({ name, given }) => (given === true ? [] : [name]));
  return new Map(
    names.map((name) => {
      const [old, fresh] = [before!, after!].map((all) =>
        momentsOf(all.flatMap((reasons) => reasons.find(({ column }) => column === name)?.part ?? [])),
      );
      const nats = fresh!.mean - old!.mean;
      const standardError = Math.sqrt(old!.variance + fresh!.variance);
      const pValue = Math.min(1, names.length * 2 * normalShare(-Math.abs(nats) / standardError));
      return [name, { nats, standardError, pValue: Number.isNaN(pValue) ? 1 : pValue }];
    }),
  );
};

/** Returns the mean of the finite parts, and the variance of this mean. */
const momentsOf = (parts: readonly number[]): { readonly mean: number; readonly variance: number } => {
  const values = parts.filter(Number.isFinite);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: square / (values.length - 1) / values.length };
};
