import { columnMapAt, inverseColumnMapAt, type BlockSpec, type ColumnMap } from '@impflow/flows';

/** A monotone map of one number, and its inverse, in float64. */
export interface NumberMap {
  /**
   * Returns the mapped number of `x`, and the logarithm of the slope of the map at `x`. Outside of the support of the
   * map, the logarithm is -Infinity.
   */
  forward(x: number): readonly [value: number, logSlope: number];
  /**
   * Returns the number that the map takes to `u`. The returned number is inside the bounds of the column, even after it
   * is rounded to float32.
   */
  inverse(u: number): number;
}

/**
 * Returns the maps of the `columnMaps` and `quantileMap` blocks at the beginning of a flow. The `columnMaps` and
 * `quantileMap` blocks act on each number separately. They remove bounds and heavy tails before the blocks that combine
 * numbers.
 */
export const elementwiseMaps = (blocks: readonly BlockSpec[], dim: number): readonly NumberMap[] => {
  let maps: readonly NumberMap[] = Array.from({ length: dim }, () => IDENTITY);
  for (const block of blocks) {
    const next =
      block.kind === 'columnMaps'
        ? block.maps.map(columnMap)
        : block.kind === 'quantileMap'
          ? block.knots.map((knots) => piecewise(knots, block.levels))
          : undefined;
    if (next === undefined) break;
    maps = maps.map((map, i) => composed(map, next[i]!));
  }
  return maps;
};

const IDENTITY: NumberMap = { forward: (x) => [x, 0], inverse: (u) => u };

const composed = (first: NumberMap, second: NumberMap): NumberMap => ({
  forward: (x) => {
    const [between, slope] = first.forward(x);
    const [value, more] = second.forward(between);
    return [value, slope + more];
  },
  inverse: (u) => first.inverse(second.inverse(u)),
});

const columnMap = (map: ColumnMap, column: number): NumberMap => {
  const [there, back] = [columnMapAt(map, column), inverseColumnMapAt(map, column)];
  return {
    forward: (x) => {
      const { value, logSlope } = there(x);
      return [value, logSlope];
    },
    inverse: back,
  };
};

const piecewise = (knots: readonly number[], levels: readonly number[]): NumberMap => {
  const slope = (k: number): number => (levels[k + 1]! - levels[k]!) / (knots[k + 1]! - knots[k]!);
  const pieceOf = (value: number, list: readonly number[]): number => {
    let k = 0;
    while (k < list.length - 2 && value >= list[k + 1]!) k++;
    return k;
  };
  return {
    forward: (x) => {
      const k = pieceOf(x, knots);
      return [levels[k]! + (x - knots[k]!) * slope(k), Math.log(slope(k))];
    },
    inverse: (u) => {
      const k = pieceOf(u, levels);
      return knots[k]! + (u - levels[k]!) / slope(k);
    },
  };
};
