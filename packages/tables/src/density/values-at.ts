import { key, type SolveReport } from '@impflow/core';
import { tensor, tidy } from '@tensorflow/tfjs-core';
import { encodeRows } from '../columns/encode.ts';
import type { Values } from '../columns/values.ts';
import { leastRows, paddedRows } from './least-rows.ts';
import { FAILED } from './log-densities.ts';
import type { RecordFlow } from './record-flow.ts';

/** Records whose target numbers are the images of points of the base density. */
export interface PlacedValues {
  /** Values of all columns. Numbers of a column with a resolution contain noise. NaN marks numbers of a failed row. */
  readonly values: Values;
  /** For each row, 1 if a solve failed (its residual is above 1e-3) or a number is NaN, otherwise 0, `[rows]`. */
  readonly failed: Uint8Array;
}

/** Largest number of rows in one call of the flow. */
const ROWS = 2048;

/**
 * Maps points of the base density to the target numbers of records, given their categories and conditions.
 *
 * @param given Values whose categories and conditions are set, `rows` rows. Target numbers are ignored.
 * @param points The points, `[rows, d]`.
 * @remarks Costs as much as drawing `rows` rows.
 */
export const valuesAt = ({ flow, layout }: RecordFlow, given: Values, points: Float32Array): PlacedValues => {
  const { rows } = given;
  const d = layout.numbers.length;
  const { contextSize } = layout;
  const columns = given.columns.slice();
  for (const j of layout.numbers) columns[j] = new Float64Array(rows).fill(NaN);
  const failed = new Uint8Array(rows);
  for (let from = 0; from < rows; from += ROWS) {
    const count = Math.min(ROWS, rows - from);
    const part = { rows: count, columns: columns.map((column) => column.slice(from, from + count)), remarks: [] };
    const context = paddedRows(encodeRows(part, layout).context, contextSize, leastRows(d));
    const z = paddedRows(points.slice(from * d, (from + count) * d), d, leastRows(d));
    const padded = z.length / d;
    const report = ({ stats }: SolveReport): void =>
      stats.converged.forEach((flag, i) => {
        // The comparison is written as a negation, so that a residual of NaN counts as failed.
        if (flag === 0 && i < count && !(stats.residual[i]! <= FAILED)) failed[from + i] = 1;
      });
    const result = tidy(() =>
      flow.decode(tensor(z, [padded, d]), {
        key: key(0),
        report,
        ...(contextSize === 0 ? {} : { condition: tensor(context, [padded, contextSize]) }),
      }),
    );
    const numbers = result.dataSync() as Float32Array;
    result.dispose();
    for (let row = 0; row < count; row++) {
      const own = numbers.subarray(row * d, (row + 1) * d);
      if (own.some(Number.isNaN)) failed[from + row] = 1;
      if (failed[from + row] === 0) layout.numbers.forEach((j, i) => (columns[j]![from + row] = own[i]!));
    }
  }
  return { values: { rows, columns, remarks: given.remarks }, failed };
};
