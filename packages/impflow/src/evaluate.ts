import { FlowError, key, type Key, type SolveReport } from '@impflow/core';
import { atMiddle, drawValues, logDensitiesOf, type RecordFlow, type Values } from '@impflow/tables';
import { slice, tensor, tidy } from '@tensorflow/tfjs-core';
import { calibration, type Calibration } from './measure/calibration.ts';
import { quantilesOf } from './measure/quantiles.ts';
import { solveStatistics, type SolveStatistics } from './measure/solve-statistics.ts';
import { hasNoise, type Part } from './table/part.ts';
import { figuresOf, type PartFigures } from './table/validation.ts';

/** Results of a density on rows that it was not trained on. */
export interface Evaluation {
  /** Origin of the rows. */
  readonly source: string;
  /**
   * Mean of `-log p` in nats per row, its standard error, the number of rows, and the number of rows whose solves
   * failed.
   */
  readonly heldOut: PartFigures;
  /**
   * The part of the standard error of the mean that is due to the estimation of the log-determinants, for the rows and
   * weights of `heldOut`. Absent if the log-determinants are exact.
   */
  readonly estimateError?: number;
  /** Coverage of the model's central intervals in each numeric target column. */
  readonly calibration: readonly Calibration[];
  /** Largest error of the inverse, `|x - f^-1(f(x))|`, in standard deviations of the columns. */
  readonly roundTrip: number;
  /** Statistics of the equation solves of implicit blocks, by phase. */
  readonly solves: readonly SolveStatistics[];
  /** Seconds that the evaluation took. */
  readonly seconds: number;
}

/** Number of draws from which the coverage is measured. */
export const CALIBRATION_DRAWS = 4096;
/**
 * Largest number of rows for which the error `|x - f^-1(f(x))|` is computed. With more rows, the largest error hardly
 * grows.
 */
const ROUND_TRIP = 2048;

/** Options of {@link evaluatePart}. */
interface EvaluateOptions {
  /** Whether log-determinants are estimates: see `isEstimated`. */
  readonly estimated: boolean;
  /** Origin of the rows. */
  readonly source: string;
  /** Seed of the draws for the calibration. */
  readonly seed: number;
  /** Receives the log-densities of the rows. Columns with repeated numbers have noise in these rows. */
  readonly onScored?: (logDensities: Float32Array) => void;
}

/**
 * Evaluates a density on rows without gaps (empty cells).
 *
 * @throws `convergence` if no row has a log-density.
 */
export const evaluatePart = (
  density: RecordFlow,
  { values, weights }: Part,
  { estimated, source, seed, onScored }: EvaluateOptions,
): Evaluation => {
  const started = performance.now();
  const solves = solveStatistics();
  const { values: logDensities, errorOfMean } = logDensitiesOf(density, density.eventsOf(values), {
    estimated,
    weights,
    report: solves.report,
  });
  onScored?.(logDensities);
  const figures = figuresOf(logDensities, weights);
  if (figures.unsolved === values.rows)
    throw new FlowError('convergence', 'impflow/evaluate', 'No solve of the flow succeeded', {
      expected: 'solves that converge for some rows',
      got: `solves that failed for all ${values.rows} rows`,
      hint: 'Choose another solver, or lower the option coeff.',
    });
  return {
    source,
    heldOut: figures,
    ...(errorOfMean === undefined ? {} : { estimateError: errorOfMean }),
    calibration: calibration(density.layout, values, drawnLike(density, values, CALIBRATION_DRAWS, key(seed))),
    roundTrip: roundTrip(density, firstRows(values, ROUND_TRIP), solves.report),
    solves: solves.summary(),
    seconds: (performance.now() - started) / 1000,
  };
};

/** Draws `count` rows. The conditions come from the rows in `like`, which are repeated cyclically. */
export const drawnLike = (density: RecordFlow, like: Values, count: number, own: Key): Values =>
  drawValues(
    density,
    {
      rows: count,
      columns: like.columns.map((column) => Float64Array.from({ length: count }, (_, row) => column[row % like.rows]!)),
      remarks: [],
    },
    { key: own },
  );

const firstRows = ({ rows, columns, remarks }: Values, most: number): Values => ({
  rows: Math.min(rows, most),
  columns: columns.map((column) => column.slice(0, most)),
  remarks,
});

/**
 * Returns the 1001 quantiles of the scores of the test rows, ascending. Percentiles and p-values of new rows are
 * computed from these quantiles. Test rows and new rows are scored by the same function, so a new row and a test row
 * are exchangeable. A row whose solve failed counts as less likely than all other rows.
 *
 * @param scored Log-densities of the test rows with noise. These log-densities are reused if noise changes no row.
 */
export const heldOutQuantiles = (
  density: RecordFlow,
  part: Part,
  { estimated, scored }: { readonly estimated: boolean; readonly scored?: Float32Array },
): readonly number[] => {
  const middle = (): Values => atMiddle(part.cells, density.spec.columns);
  const values =
    scored !== undefined && !hasNoise(part)
      ? scored
      : logDensitiesOf(density, density.eventsOf(middle()), { estimated }).values;
  return quantilesOf(values.map((value) => (Number.isNaN(value) ? -Infinity : value)));
};

/** Number of rows in a batch of the round-trip test. */
const ROWS = 2048;

/**
 * Returns the largest `|x - f^-1(f(x))|` over all rows and numeric target columns, in units of the standard deviation
 * of each column over the rows.
 *
 * @param values Rows without gaps (empty cells).
 */
export const roundTrip = (
  { flow, layout, eventsOf, size }: RecordFlow,
  values: Values,
  report?: (report: SolveReport) => void,
): number => {
  const d = layout.numbers.length;
  const scale = layout.numbers.map((j) => deviationOf(values.columns[j]!));
  const events = eventsOf(values);
  let worst = 0;
  for (let first = 0; first < values.rows; first += ROWS) {
    const count = Math.min(ROWS, values.rows - first);
    const part = events.slice(first * size, (first + count) * size);
    const back = tidy(() => {
      const rows = tensor(part, [count, size]);
      const call = {
        verify: true,
        ...(report === undefined ? {} : { report }),
        ...(layout.contextSize === 0 ? {} : { condition: slice(rows, [0, d], [count, layout.contextSize]) }),
      };
      return flow.decode(flow.encode(slice(rows, [0, 0], [count, d]), call), call);
    });
    const numbers = back.dataSync() as Float32Array;
    back.dispose();
    numbers.forEach((value, i) => {
      const error = Math.abs(value - part[Math.floor(i / d) * size + (i % d)]!) / scale[i % d]!;
      // The result is NaN if any error is NaN, because `Math.max` then returns NaN.
      worst = Math.max(worst, error);
    });
  }
  return worst;
};

/** Returns the standard deviation, or 1 if all values are equal. */
const deviationOf = (values: Float64Array): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return deviation > 0 ? deviation : 1;
};
