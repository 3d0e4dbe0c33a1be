import { customOps, defineBijector, FlowError, type Bijector } from '@impflow/core';
import { add, concat, expandDims, gather, mul, sum, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import { roundedMap, type RoundedMap } from './column-map.ts';
import { asinhs, logits, logs, same, type Directions, type Piece, type Placed } from './column-pieces.ts';
import type { ColumnMap } from './spec.ts';

/** Options of {@link columnMaps}. */
export interface ColumnMapsOptions {
  /** One map for each feature, in the order of the features. */
  readonly maps: readonly ColumnMap[];
}

/**
 * A constant map of each column, `[B, d] -> [B, d]`, that removes bounds and long tails.
 *
 * | map | `z` | support |
 * | --- | --- | --- |
 * | `identity` | `x` | all numbers |
 * | `log` | `log(x - lower)` | `x > lower` |
 * | `logit` | `log((x - lower) / (upper - x))` | `lower < x < upper` |
 * | `asinh` | `asinh((x - center) / scale)` | all numbers |
 *
 * Outside the support, and at a bound, the log-determinant is `-Infinity`, so the density is 0. Where the density is 0,
 * `z` is finite, and gradients are 0. The inverse returns numbers inside the bounds, never a bound.
 *
 * @remarks Constants are rounded to float32. Distances from a bound below 1e-30 count as 1e-30. The density is also 0
 * where `x - lower` exceeds 1e37, or `|x - center|` exceeds 1e37 or 1e37 scales. The inverse saturates: the inverse of
 * `log`, for example, returns at most `lower + 1e37`.
 * @throws `option` for no maps, an unknown map, constants that are not finite or larger than 1e37, bounds with no
 * float32 number between them, or a scale that is not between 1e-30 and 1e30.
 */
export const columnMaps = ({ maps }: ColumnMapsOptions): Bijector => {
  if (!Array.isArray(maps) || maps.length === 0)
    throw new FlowError('option', 'flows/columnMaps', 'No maps', { expected: 'one for each column', got: 'none' });
  const rounded = maps.map(roundedMap);
  const groups: readonly Group[] = [...new Set(rounded.map(({ map }) => map))].map((kind) =>
    groupOf(
      kind,
      rounded.flatMap((map, column) => (map.map === kind ? [{ ...map, column }] : [])),
    ),
  );
  const home = maps.map(() => 0);
  for (const [place, column] of groups.flatMap(({ columns }) => columns).entries()) home[column] = place;
  const total = rounded.reduce((sum, map) => sum + logUnit(map), 0);
  return defineBijector({
    name: 'columnMaps',
    shape: [maps.length],
    forwardWithLogDet: (x) => mapped(x, { groups, home, direction: 'forward', total: -total }),
    inverseWithLogDet: (z) => mapped(z, { groups, home, direction: 'inverse', total }),
  });
};

/** The columns of one kind of map. */
interface Group extends Directions {
  readonly columns: readonly number[];
}

/** The maps of all columns for one direction, forward or inverse. */
interface Plan {
  readonly groups: readonly Group[];
  /** Index of each column among the columns of all groups. */
  readonly home: readonly number[];
  readonly direction: 'forward' | 'inverse';
  /**
   * Sum of `logUnit` over all columns for the inverse direction, and minus this sum for the forward direction. The
   * log-determinant is the sum of `logSlope` plus `total`.
   */
  readonly total: number;
}

/** Returns the logarithm of the width or the scale of a map, which `logSlope` leaves out. */
const logUnit = (map: RoundedMap): number =>
  map.map === 'logit' ? Math.log(map.width) : map.map === 'asinh' ? Math.log(map.scale) : 0;

/**
 * Computes the value and the log-determinant of all groups as one operation with a custom gradient.
 *
 * @remarks The gradient of tfjs is not used, for two reasons: outside the support it would multiply 0 by infinity, and
 * on wasm the gradient of gather has no kernel.
 */
const mapped = (
  x: Tensor,
  { groups, home, direction, total }: Plan,
): { readonly value: Tensor; readonly logDet: Tensor } => {
  const picked = (y: Tensor, indices: readonly number[]): Tensor => gather(y, tensor1d([...indices], 'int32'), 1);
  const [value, logDet] = customOps([x], {
    forward: () => {
      const pieces = groups.map((group) => group[direction](groups.length === 1 ? x : picked(x, group.columns)));
      const whole = (name: keyof Piece): Tensor =>
        pieces.length === 1
          ? pieces[0]![name]
          : picked(
              concat(
                pieces.map((piece) => piece[name]),
                1,
              ),
              home,
            );
      return {
        values: [whole('value'), add(sum(whole('logSlope'), 1), total)],
        saved: { slope: whole('slope'), bend: whole('bend') },
      };
    },
    backward: ([dz, dl], { slope, bend }) => [add(mul(dz!, slope), mul(expandDims(dl!, 1), bend))],
  });
  return { value: value!, logDet: logDet! };
};

const groupOf = (kind: RoundedMap['map'], maps: readonly Placed<RoundedMap['map']>[]): Group => {
  const columns = maps.map(({ column }) => column);
  switch (kind) {
    case 'identity':
      return { columns, forward: same, inverse: same };
    case 'log':
      return { columns, ...logs(maps as readonly Placed<'log'>[]) };
    case 'logit':
      return { columns, ...logits(maps as readonly Placed<'logit'>[]) };
    case 'asinh':
      return { columns, ...asinhs(maps as readonly Placed<'asinh'>[]) };
  }
};
