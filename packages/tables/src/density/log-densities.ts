import { contentNames, fold, forRows, key, type SolveReport } from '@impflow/core';
import { tensor, tidy } from '@tensorflow/tfjs-core';
import { leastRows, paddedRows } from './least-rows.ts';
import type { RecordFlow } from './record-flow.ts';

/** Log-densities of records. */
export interface LogDensities {
  /**
   * `log p` of each record in nats, `[rows]`. The log-density is NaN if a solve of the record failed or if a cell of
   * the record is missing.
   */
  readonly values: Float32Array;
  /**
   * Standard errors of the log-densities, computed from the spread of the draws, `[rows]`. Undefined if the
   * log-determinants are exact.
   */
  readonly errors?: Float32Array;
  /**
   * Standard error of the mean log-density of all rows whose log-density is not NaN. Only the error due to the
   * estimates of the log-determinants is included. In each draw, the series of the log-determinant is truncated at the
   * same term for all rows, so the errors of the rows are not independent. Undefined if the log-determinants are exact.
   */
  readonly errorOfMean?: number;
  /**
   * For each row, 1 if every solve of the row converged, otherwise 0, `[rows]`. The entry is also 0 if the log-density
   * of the row is NaN.
   */
  readonly converged: Uint8Array;
}

/** Options of {@link logDensitiesOf}. */
export interface LogDensityOptions {
  /**
   * Whether log-determinants are estimates: see `isEstimated`. Estimated log-densities are averaged over eight draws.
   */
  readonly estimated: boolean;
  /** Weight of each row in `errorOfMean`, `[rows]`. Default: all rows have equal weight. */
  readonly weights?: Float64Array;
  /** Called once for each solve of the first draw, with the statistics of the solve. */
  readonly report?: (report: SolveReport) => void;
}

/** Number of draws over which an estimated log-density is averaged. */
const DRAWS = 8;
/**
 * Largest number of rows in one call of the flow: large enough to be fast, and small enough for the cache of the
 * processor.
 */
const ROWS = 2048;
/**
 * A solve that did not converge counts as failed if its residual is above this limit. If a solve misses its tolerance
 * only because of float32 rounding, its residual is far smaller.
 */
export const FAILED = 1e-3;
/** Largest number of float32 numbers in one call of the flow. */
const NUMBERS = 2 ** 16;

/**
 * Returns `log p` of events `[rows, size]`, which {@link RecordFlow.eventsOf} returned. Outside of the bounds of a
 * column, `log p` is -Infinity. The result for an event depends only on the event and the flow, not on its index or on
 * other events.
 *
 * @remarks If log-determinants are estimated, the function computes and averages eight draws, which takes eight times
 * as long as one draw.
 * @throws `plugin` if a solver reports a solve as converged that has not converged.
 */
export const logDensitiesOf = (
  { logProb, size, flow: { dim } }: RecordFlow,
  events: Float32Array,
  { estimated, weights, report: told }: LogDensityOptions,
): LogDensities => {
  const rows = events.length / size;
  const block = Math.max(1, Math.min(ROWS, Math.floor(NUMBERS / size)));
  const converged = new Uint8Array(rows).fill(1);
  const failed = new Uint8Array(rows);
  const draws = Array.from({ length: estimated ? DRAWS : 1 }, () => new Float32Array(rows));
  draws.forEach((densities, draw) => {
    for (let first = 0; first < rows; first += block) {
      const count = Math.min(block, rows - first);
      const part = paddedRows(events.slice(first * size, (first + count) * size), size, leastRows(dim));
      const padded = part.length / size;
      const report = (solve: SolveReport): void => {
        if (draw === 0) told?.(solve);
        const { stats } = solve;
        stats.converged.forEach((flag, i) => {
          if (flag !== 0 || i >= count) return;
          converged[first + i] = 0;
          // The comparison is written as a negation, so that a residual of NaN counts as failed.
          if (!(stats.residual[i]! <= FAILED)) failed[first + i] = 1;
        });
      };
      const keys = estimated ? forRows(fold(key(0), draw), contentNames(part, padded)) : key(0);
      const result = tidy(() => logProb(tensor(part, [padded, size]), { key: keys, report, verify: draw === 0 }));
      // The result is read outside of `tidy`, because `tidy` would search the numbers for tensors.
      densities.set((result.dataSync() as Float32Array).subarray(0, count), first);
      result.dispose();
    }
  });
  const values = draws[0]!.map((value, i) =>
    failed[i] === 1 ? NaN : estimated ? meanOf(draws.map((each) => each[i]!)) : value,
  );
  values.forEach((value, i) => {
    if (Number.isNaN(value)) converged[i] = 0;
  });
  if (!estimated) return { values, converged };
  const errors = values.map((mean, i) =>
    // If the density is 0, all draws are -Infinity, and the error is 0.
    mean === -Infinity ? 0 : spreadOf(draws.map((each) => each[i]!)),
  );
  const solved = Uint32Array.from(values.keys()).filter((i) => !Number.isNaN(values[i]));
  const means = draws.map((each) =>
    weightedMean(
      Array.from(solved, (i) => each[i]!),
      Array.from(solved, (i) => weights?.[i] ?? 1),
    ),
  );
  return { values, errors, errorOfMean: spreadOf(means), converged };
};

/** Returns the standard error of the mean of the values, computed from their variance. */
const spreadOf = (values: readonly number[]): number => {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) / values.length);
};

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const weightedMean = (values: readonly number[], weights: readonly number[]): number =>
  values.reduce((sum, value, i) => sum + weights[i]! * value, 0) / weights.reduce((sum, weight) => sum + weight, 0);
