import { defineBijector, FlowError, offTape, sizeOf, type Bijector, type Shape } from '@impflow/core';
import { add, gather, log, mul, reshape, searchSorted, sub, sum, tensor1d, tensor2d, transpose, unstack, zeros, type Tensor } from '@tensorflow/tfjs-core';

export interface QuantileMapOptions {
  /** Of an event; its numbers are the columns, row-major. Default `[columns]`. */
  readonly shape?: Shape;
  /** `K >= 2` values for each column, in rising order. */
  readonly knots: readonly (readonly number[])[];
  /** The `K` values that they are mapped to, in rising order: those of a normal distribution. */
  readonly levels: readonly (readonly number[])[];
}

/**
 * A constant monotone map of each column, linear from knot to knot and on beyond the last: measured on the training rows, it makes every column nearly normal.
 *
 * @throws `option` for knots or levels that do not rise, are not finite, or are not as many as the columns and each other.
 */
export const quantileMap = ({ knots, levels, shape = [knots.length] }: QuantileMapOptions): Bijector => {
  const count = knots[0]?.length ?? 0;
  const rising = (list: readonly number[]): boolean => list.length === count && list.every((entry, k) => Number.isFinite(entry) && (k === 0 || entry > list[k - 1]!));
  if (count < 2 || levels.length !== knots.length || !knots.every(rising) || !levels.every(rising)) {
    throw new FlowError('option', 'flows/quantileMap', 'Wrong knots', { expected: 'for each column as many finite numbers, two or more in rising order, as it has levels', got: `knots of ${knots.length} columns, levels of ${levels.length}`, hint: 'Take them from fitQuantiles.' });
  }
  if (sizeOf(shape) !== knots.length) throw new FlowError('option', 'flows/quantileMap', 'Wrong shape', { expected: `the size of ${knots.length} columns`, got: `[${shape.join(', ')}]` });
  const [forwardPieces, inversePieces] = [piecesOf(knots, levels), piecesOf(levels, knots)];
  return defineBijector({
    name: 'quantileMap',
    shape,
    forwardWithLogDet: (x) => mapped(x, forwardPieces),
    inverseWithLogDet: (z) => mapped(z, inversePieces),
  });
};

/** The linear pieces of a map, column after column. Numbers of the host: tensors would belong to one backend. */
interface Pieces {
  readonly columns: number;
  /** Knots between two pieces, `[columns, pieces - 1]`. */
  readonly inner: Float32Array;
  /** For each piece the knot where it begins, its slope and its value there, `[columns * pieces, 3]`. */
  readonly lines: Float32Array;
  /** Number of the first piece of each column. */
  readonly first: Int32Array;
}

const piecesOf = (from: readonly (readonly number[])[], to: readonly (readonly number[])[]): Pieces => {
  const pieces = from[0]!.length - 1;
  const lines = from.flatMap((knots, j) => Array.from({ length: pieces }, (_, k) => [knots[k]!, (to[j]![k + 1]! - to[j]![k]!) / (knots[k + 1]! - knots[k]!), to[j]![k]!]));
  return {
    columns: from.length, inner: Float32Array.from(from.flatMap((knots) => knots.slice(1, -1))), lines: Float32Array.from(lines.flat()), first: Int32Array.from(from, (_, j) => j * pieces),
  };
};

/** The value and the log-determinant of the map; the slope of a piece is exact, so nothing cancels. */
const mapped = (events: Tensor, { columns, inner, lines, first }: Pieces): { readonly value: Tensor; readonly logDet: Tensor } => {
  const x = reshape(events, [events.shape[0]!, columns]);
  // Off the tape: TensorFlow.js finds no gradient of whole numbers, and the pieces have none.
  const [begin, slope, value] = offTape(() => {
    const piece = inner.length === 0 ? zeros(x.shape, 'int32') : transpose(searchSorted(tensor2d(inner, [columns, inner.length / columns]), transpose(x), 'right'));
    return unstack(gather(tensor2d(lines, [lines.length / 3, 3]), add(piece, tensor1d(first, 'int32'))), 2);
  }) as [Tensor, Tensor, Tensor];
  return { value: reshape(add(mul(sub(x, begin), slope), value), events.shape), logDet: sum(log(slope), 1) };
};
