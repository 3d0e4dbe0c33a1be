import { layoutOf } from '../columns/layout.ts';
import type { RecordsSpec } from '../columns/spec.ts';
import type { Values } from '../columns/values.ts';
import { elementwiseMaps } from './elementwise.ts';
import { encodeRows } from './encode.ts';

/** Numbers of records in the coordinates of the base density. */
export interface RecordCoordinates {
  /** `[rows, d]`. */
  readonly values: Float64Array;
  /** `log |det J|` of the map at each row, `[rows]`. */
  readonly logDet: Float64Array;
}

/**
 * The numbers of complete records after the constant blocks of the flow, in float64: the maps of single numbers,
 * standardization and regression. All other blocks count as the identity, as which they begin.
 */
export const coordinatesOfRecords = (spec: RecordsSpec, rows: Values): RecordCoordinates => {
  const layout = layoutOf(spec);
  const [d, m] = [layout.numbers.length, layout.contextSize];
  const { numbers, context } = encodeRows(rows, layout);
  const maps = elementwiseMaps(spec.flow.blocks, d);
  const values = new Float64Array(rows.rows * d);
  const logDet = new Float64Array(rows.rows);
  numbers.forEach((number, i) => {
    const [value, slope] = maps[i % d]!.forward(number);
    values[i] = value;
    logDet[Math.floor(i / d)]! += slope;
  });
  for (const block of spec.flow.blocks) {
    if (block.kind === 'standardise') {
      const total = block.scale.reduce((sum, scale) => sum + Math.log(scale), 0);
      values.forEach((value, i) => (values[i] = (value - block.mean[i % d]!) / block.scale[i % d]!));
      logDet.forEach((value, row) => (logDet[row] = value - total));
    } else if (block.kind === 'regression') {
      const { weight, bias, factor } = block;
      const total = factor.reduce((sum, line, i) => sum + Math.log(line[i]!), 0);
      for (let row = 0; row < rows.rows; row++) {
        const own = values.subarray(row * d, (row + 1) * d);
        // Forward substitution, in place.
        for (let i = 0; i < d; i++) {
          let rest = own[i]! - bias[i]!;
          for (let j = 0; j < m; j++) rest -= weight[i]![j]! * context[row * m + j]!;
          for (let j = 0; j < i; j++) rest -= factor[i]![j]! * own[j]!;
          own[i] = rest / factor[i]![i]!;
        }
        logDet[row]! -= total;
      }
    }
  }
  return { values, logDet };
};
