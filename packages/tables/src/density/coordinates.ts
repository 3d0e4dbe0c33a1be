import type { BlockSpec, BlockSpecs } from '@impflow/flows';
import { encodeRows } from '../columns/encode.ts';
import { layoutOf } from '../columns/layout.ts';
import type { RecordsSpec } from '../columns/spec.ts';
import type { Values } from '../columns/values.ts';
import { isConstant, stepOf } from './constant-blocks.ts';

/** The target numbers of rows, mapped to the coordinates of the base density of a flow. */
export interface RecordCoordinates {
  /** The coordinates of each row, `[rows, d]`. */
  readonly values: Float64Array;
  /** `log |det J|` of the map from numbers to coordinates at each row, `[rows]`. */
  readonly logDet: Float64Array;
}

/** Maps the numbers of a row `[d]` in place, given its context `[m]`. Returns `log |det J|` of the map. */
type Step = (row: Float64Array, context: Float32Array) => number;

/**
 * Maps the numbers of rows without missing cells through the constant blocks of the flow and through the regression on
 * the context, in float64. Blocks with trained parameters are skipped, because they are initialized as the identity. If
 * a mixture that is fitted to the returned coordinates becomes the base of the flow, this mixture is also the initial
 * density of the flow.
 */
export const coordinatesOfRecords = (spec: RecordsSpec, rows: Values): RecordCoordinates => {
  const layout = layoutOf(spec);
  const [d, m] = [layout.numbers.length, layout.contextSize];
  const { numbers, context } = encodeRows(rows, layout);
  const steps = spec.flow.blocks.flatMap((block) => stepFor(block) ?? []);
  const values = Float64Array.from(numbers);
  const logDet = new Float64Array(rows.rows);
  for (let row = 0; row < rows.rows; row++) {
    const own = values.subarray(row * d, (row + 1) * d);
    const given = context.subarray(row * m, (row + 1) * m);
    for (const step of steps) logDet[row]! += step(own, given);
  }
  return { values, logDet };
};

const stepFor = (block: BlockSpec): Step | undefined =>
  isConstant(block) ? stepOf(block) : block.kind === 'regression' ? regressionStep(block) : undefined;

const regressionStep = ({ weight, bias, factor }: BlockSpecs['regression']): Step => {
  const total = factor.reduce((sum, line, i) => sum + Math.log(line[i]!), 0);
  return (row, context) => {
    // Subtracts the mean and solves a triangular system by forward substitution.
    for (let i = 0; i < row.length; i++) {
      let rest = row[i]! - bias[i]!;
      for (let j = 0; j < context.length; j++) rest -= weight[i]![j]! * context[j]!;
      for (let j = 0; j < i; j++) rest -= factor[i]![j]! * row[j]!;
      row[i] = rest / factor[i]![i]!;
    }
    return -total;
  };
};
