import { columnMapAt, type BlockSpec } from '@impflow/flows';

/** Kinds of flow blocks whose constants training does not change. */
export const CONSTANT_KINDS = ['standardize', 'whiten', 'quantileMap', 'permutation', 'columnMaps'] as const;

type ConstantBlock = Extract<BlockSpec, { readonly kind: (typeof CONSTANT_KINDS)[number] }>;

/** Whether a flow block has only constants, which training does not change. */
export const isConstant = (block: BlockSpec): block is ConstantBlock =>
  (CONSTANT_KINDS as readonly string[]).includes(block.kind);

/**
 * Returns a function that applies a flow block to a row `[d]` in place, in float64, and returns `log |det J|` of the
 * block.
 */
export const stepOf = (block: ConstantBlock): ((row: Float64Array) => number) => {
  switch (block.kind) {
    case 'columnMaps': {
      const maps = block.maps.map(columnMapAt);
      return (row) => {
        let total = 0;
        row.forEach((x, j) => {
          const { value, logSlope } = maps[j]!(x);
          row[j] = value;
          total += logSlope;
        });
        return total;
      };
    }
    case 'standardize': {
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
        // Solves the triangular system `factor y = row` by forward substitution, in place.
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
  }
};
