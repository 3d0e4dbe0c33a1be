import type { Table } from '@impflow/data';
import type { BlockSpec } from '@impflow/flows';

/** Rows mapped to the base of a flow that is not trained yet. */
export interface Coordinates {
  /** Mapped rows `[rows, d]`. */
  readonly values: Float64Array;
  /** `log |det J|` of the map at each row, `[rows]`. */
  readonly logDet: Float64Array;
}

/**
 * Maps the rows of a table through the constant blocks of a spec, in float64. A mixture that a flow begins as is fitted
 * to the result. All other blocks count as the identity. Before training they are, except an act-norm after its first
 * batch.
 */
export const coordinatesOf = ({ values, rows, columns }: Table, blocks: readonly BlockSpec[]): Coordinates => {
  const d = columns.length;
  const out = Float64Array.from(values);
  const logDet = new Float64Array(rows);
  const constant = blocks.flatMap((block) => {
    const step = stepOf(block);
    return step === undefined ? [] : [step];
  });
  for (let r = 0; r < rows; r++) {
    const row = out.subarray(r * d, (r + 1) * d);
    for (const step of constant) logDet[r]! += step(row);
  }
  return { values: out, logDet };
};

/**
 * A function that changes a row in place and returns its `log |det J|`; undefined for a block that begins as the
 * identity.
 */
const stepOf = (block: BlockSpec): ((row: Float64Array) => number) | undefined => {
  switch (block.kind) {
    case 'standardise': {
      const total = block.scale.reduce((sum, scale) => sum + Math.log(scale), 0);
      return (row) => {
        row.forEach((x, j) => {
          row[j] = (x - block.mean[j]!) / block.scale[j]!;
        });
        return -total;
      };
    }
    case 'whiten': {
      const total = block.factor.reduce((sum, line, i) => sum + Math.log(line[i]!), 0);
      return (row) => {
        // Forward substitution: solves `factor y = row` in place.
        block.factor.forEach((line, i) => {
          for (let j = 0; j < i; j++) row[i]! -= line[j]! * row[j]!;
          row[i]! /= line[i]!;
        });
        return -total;
      };
    }
    case 'quantileMap':
      return (row) => {
        let total = 0;
        row.forEach((x, j) => {
          const knots = block.knots[j]!;
          let k = 0;
          while (k < knots.length - 2 && x >= knots[k + 1]!) k++;
          const slope = (block.levels[k + 1]! - block.levels[k]!) / (knots[k + 1]! - knots[k]!);
          row[j] = block.levels[k]! + (x - knots[k]!) * slope;
          total += Math.log(slope);
        });
        return total;
      };
    case 'permutation':
      return (row) => {
        row.set(block.order.map((i) => row[i]!));
        return 0;
      };
    default:
      return undefined;
  }
};
