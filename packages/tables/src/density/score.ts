import { contentNames, fold, key } from '@impflow/core';
import { completeRows, gapsOf } from '../columns/gaps.ts';
import { pickValues } from '../columns/pick-values.ts';
import type { Values } from '../columns/values.ts';
import { logDensitiesOf } from './log-densities.ts';
import { logSumExp } from './partial-mixture.ts';
import type { RecordFlow } from './record-flow.ts';
import { weightedDraws, type KeepRows } from './weighted-draws.ts';

/** Log-densities of records, in which cells may be missing. */
export interface Scores {
  /**
   * `log p` of each row in nats, `[rows]`. For a row with missing cells, the log-density of its known cells, or NaN if
   * the solves of all its completions failed. The log-density is also NaN if a solve failed (its residual is above
   * 1e-3) or if a condition is missing.
   */
  readonly values: Float64Array;
  /**
   * Standard errors of the log-densities in nats, `[rows]`. The error is 0 if the log-density is exact. For a row with
   * missing cells, the error is computed from the variance of the importance weights of its completions.
   */
  readonly errors: Float64Array;
  /**
   * For each row, 1 if every solve of the row converged, otherwise 0, `[rows]`. For a row with missing cells, the
   * solves of all its completions must converge. The entry is also 0 if the result of a solve is NaN.
   */
  readonly converged: Uint8Array;
  /** Number of missing cells of each row, `[rows]`. Conditions that the model accepts as missing do not count. */
  readonly gaps: Uint32Array;
}

/** Options of {@link scoreRecords}. */
interface ScoreRecordsOptions {
  /** Whether log-densities are estimates: see `isEstimated`. */
  readonly estimated: boolean;
  /** Which completions of a row with missing cells count. Default: all completions count. */
  readonly keep?: KeepRows;
}

/** Number of completions of a row, over which its missing numbers are integrated. */
const COMPLETIONS = 256;
/** Number of rows with missing cells that are completed and scored in one batch. */
const CHUNK = 128;

/**
 * Computes the log-densities of records. Missing cells are integrated out: exactly if only a few categories are
 * missing, otherwise by importance sampling, with a standard error. The log-density of a row depends only on its cells,
 * not on its index or on other rows.
 *
 * @param values Values of the cells, at the middle of their noise intervals: see `atMiddle`.
 * @remarks For a row with missing numbers, 256 log-densities are computed. For a row in which only categories are
 * missing, one log-density is computed for each combination of the missing categories, up to 128.
 */
export const scoreRecords = (model: RecordFlow, values: Values, { estimated, keep }: ScoreRecordsOptions): Scores => {
  const scores: Scores = {
    values: new Float64Array(values.rows).fill(NaN),
    errors: new Float64Array(values.rows),
    converged: new Uint8Array(values.rows).fill(1),
    gaps: Uint32Array.from({ length: values.rows }, (_, row) => gapsOf(values, model.layout, row).length),
  };
  const complete = completeRows(values, model.layout);
  const found = logDensitiesOf(model, model.eventsOf(pickValues(values, complete)), { estimated });
  complete.forEach((row, i) => {
    scores.values[row] = found.values[i]!;
    scores.errors[row] = found.errors?.[i] ?? 0;
    scores.converged[row] = found.converged[i]!;
  });
  const open = Uint32Array.from(scores.gaps.keys()).filter((row) => scores.gaps[row]! > 0);
  for (let first = 0; first < open.length; first += CHUNK)
    scoreRowsWithGaps(model, values, open.subarray(first, first + CHUNK), {
      estimated,
      scores,
      ...(keep === undefined ? {} : { keep }),
    });
  return scores;
};

const scoreRowsWithGaps = (
  model: RecordFlow,
  values: Values,
  rows: Uint32Array,
  { estimated, scores, keep }: ScoreRecordsOptions & { readonly scores: Scores },
): void => {
  const own = pickValues(values, rows);
  const keys = rowKeys(own);
  const found = weightedDraws(model, own, {
    draws: COMPLETIONS,
    keyOf: (i) => fold(key(1), keys[i]!),
    estimated,
    unseen: true,
    ...(keep === undefined ? {} : { keep }),
  });
  rows.forEach((row, i) => {
    const weighted = found[i];
    if (weighted === undefined) return;
    const { logWeights, exact, converged } = weighted;
    // If all weights are 0, the log-density is -Infinity if all solves converged, and NaN if a solve failed.
    const isFailed = !converged && logWeights.every((log) => log === -Infinity);
    scores.values[row] = isFailed ? NaN : logSumExp(logWeights) - Math.log(logWeights.length);
    scores.errors[row] = exact ? 0 : relativeError(logWeights);
    scores.converged[row] = Number(converged);
  });
};

/**
 * Returns the standard error of the logarithm of the mean weight, which is the relative standard error of the mean.
 * Returns 0 if the mean is 0.
 */
const relativeError = (logWeights: Float64Array): number => {
  const n = logWeights.length;
  const most = Math.max(...logWeights);
  if (most === -Infinity) return 0;
  const weights = logWeights.map((log) => Math.exp(log - most));
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / n;
  const variance = weights.reduce((sum, weight) => sum + (weight - mean) ** 2, 0) / (n - 1);
  return Math.sqrt(variance / n) / mean;
};

/** Returns a hash of the cells for each row. */
export const rowKeys = ({ rows, columns }: Values): readonly number[] =>
  contentNames(
    Float32Array.from(
      { length: rows * columns.length },
      (_, i) => columns[i % columns.length]![Math.floor(i / columns.length)]!,
    ),
    rows,
  );
