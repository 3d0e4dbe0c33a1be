import type { SolveReport } from '@impflow/core';
import type { RecordFlow, Values } from '@impflow/tables';
import { slice, tensor, tidy } from '@tensorflow/tfjs-core';

/** Rows per call. */
const ROWS = 2048;

/**
 * Largest `|x - f^-1(f(x))|` over rows and target numbers, in units of the standard deviation of each column over the
 * rows.
 *
 * @param values Complete rows.
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
        ...(report === undefined ? {} : { report }),
        ...(layout.contextSize === 0 ? {} : { condition: slice(rows, [0, d], [count, layout.contextSize]) }),
      };
      return flow.decode(flow.encode(slice(rows, [0, 0], [count, d]), call), call);
    });
    const numbers = back.dataSync() as Float32Array;
    back.dispose();
    numbers.forEach((value, i) => {
      const error = Math.abs(value - part[Math.floor(i / d) * size + (i % d)]!) / scale[i % d]!;
      // NaN if one error is NaN.
      worst = Math.max(worst, error);
    });
  }
  return worst;
};

/** Standard deviation, 1 for equal values. */
const deviationOf = (values: Float64Array): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return deviation > 0 ? deviation : 1;
};
