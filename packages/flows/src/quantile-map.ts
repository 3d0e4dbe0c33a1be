import { defineBijector, FlowError, offTape, type Bijector } from '@impflow/core';
import {
  add,
  gather,
  log,
  mul,
  searchSorted,
  sub,
  sum,
  tensor1d,
  tensor2d,
  transpose,
  unstack,
  zeros,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** Options of {@link quantileMap}. */
export interface QuantileMapOptions {
  /** `K >= 2` values for each column, in ascending order: the points between which the map is linear. */
  readonly knots: readonly (readonly number[])[];
  /** The `K` values to which the knots are mapped, in ascending order: quantiles of a normal distribution. */
  readonly levels: readonly number[];
}

/**
 * A bijector, `[B, d] -> [B, d]`, that applies a fixed monotone map to each column. The map is linear between two
 * knots. Outside the knots, the map continues with the slope of the first or the last piece. If the knots are quantiles
 * of the training rows, every column becomes nearly normal.
 *
 * @throws `option` for fewer than two levels, for knots or levels that are not finite and in ascending order, or for
 * lengths that differ.
 */
export const quantileMap = ({ knots, levels }: QuantileMapOptions): Bijector => {
  const rising = (list: readonly number[]): boolean =>
    list.length === levels.length &&
    list.every((entry, k) => Number.isFinite(entry) && (k === 0 || entry > list[k - 1]!));
  if (knots.length === 0 || levels.length < 2 || !rising(levels) || !knots.every(rising)) {
    throw new FlowError('option', 'flows/quantileMap', 'Wrong knots', {
      expected: `for each column ${levels.length} finite numbers in ascending order, one for each level`,
      got: `${knots.length} columns`,
      hint: 'Take them from fitQuantiles.',
    });
  }
  const same = knots.map(() => levels);
  const [forwardPieces, inversePieces] = [piecesOf(knots, same), piecesOf(same, knots)];
  return defineBijector({
    name: 'quantileMap',
    shape: [knots.length],
    forwardWithLogDet: (x) => mapped(x, forwardPieces),
    inverseWithLogDet: (z) => mapped(z, inversePieces),
  });
};

/** The linear pieces of a map, column by column, as arrays on the host: a tensor would belong to one backend. */
interface Pieces {
  readonly columns: number;
  /** Knots between two pieces, `[columns, pieces - 1]`. */
  readonly inner: Float32Array;
  /** The knot where each piece begins, the slope of the piece, and its value at the knot, `[columns * pieces, 3]`. */
  readonly lines: Float32Array;
  /** Index of the first piece of each column, `[columns]`. */
  readonly first: Int32Array;
}

const piecesOf = (from: readonly (readonly number[])[], to: readonly (readonly number[])[]): Pieces => {
  const pieces = from[0]!.length - 1;
  const lines = from.flatMap((knots, j) =>
    Array.from({ length: pieces }, (_, k) => [
      knots[k]!,
      (to[j]![k + 1]! - to[j]![k]!) / (knots[k + 1]! - knots[k]!),
      to[j]![k]!,
    ]),
  );
  return {
    columns: from.length,
    inner: Float32Array.from(from.flatMap((knots) => knots.slice(1, -1))),
    lines: Float32Array.from(lines.flat()),
    first: Int32Array.from(from, (_, j) => j * pieces),
  };
};

/**
 * Computes the value and the log-determinant of the map. Slopes are stored, because computing them from knots here
 * would lose digits to cancellation.
 */
const mapped = (
  x: Tensor,
  { columns, inner, lines, first }: Pieces,
): { readonly value: Tensor; readonly logDet: Tensor } => {
  // Computed without recording gradients: TensorFlow.js has no gradient of integers, and the pieces are constant.
  const [begin, slope, value] = offTape(() => {
    const piece =
      inner.length === 0
        ? zeros(x.shape, 'int32')
        : transpose(searchSorted(tensor2d(inner, [columns, inner.length / columns]), transpose(x), 'right'));
    return unstack(gather(tensor2d(lines, [lines.length / 3, 3]), add(piece, tensor1d(first, 'int32'))), 2);
  }) as [Tensor, Tensor, Tensor];
  return { value: add(mul(sub(x, begin), slope), value), logDet: sum(log(slope), 1) };
};
