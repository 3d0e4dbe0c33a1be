import { defineBijector, FlowError, offTape, type Bijector } from '@impflow/core';
import { add, gather, log, mul, searchSorted, sub, sum, tensor1d, tensor2d, transpose, unstack, zeros, type Tensor } from '@tensorflow/tfjs-core';

export interface QuantileMapOptions {
  /** `K >= 2` values for each column, in rising order. */
  readonly knots: readonly (readonly number[])[];
  /** The `K` values that they are mapped to, in rising order: those of a normal distribution. */
  readonly levels: readonly number[];
}

/** A constant monotone map of each column, linear from knot to knot and on beyond the last: measured on the training rows, it makes every column nearly normal. */
export const quantileMap = ({ knots, levels }: QuantileMapOptions): Bijector => {
  const rising = (list: readonly number[]): boolean => list.length === levels.length && list.every((entry, k) => Number.isFinite(entry) && (k === 0 || entry > list[k - 1]!));
  if (knots.length === 0 || levels.length < 2 || !rising(levels) || !knots.every(rising)) {
    throw new FlowError('option', 'flows/quantileMap', 'Wrong knots', { expected: `for each column ${levels.length} finite numbers in rising order, as the levels are`, got: `${knots.length} columns`, hint: 'Take them from fitQuantiles.' });
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
const mapped = (x: Tensor, { columns, inner, lines, first }: Pieces): { readonly value: Tensor; readonly logDet: Tensor } => {
  // Off the tape: TensorFlow.js finds no gradient of whole numbers, and the pieces have none.
  const [begin, slope, value] = offTape(() => {
    const piece = inner.length === 0 ? zeros(x.shape, 'int32') : transpose(searchSorted(tensor2d(inner, [columns, inner.length / columns]), transpose(x), 'right'));
    return unstack(gather(tensor2d(lines, [lines.length / 3, 3]), add(piece, tensor1d(first, 'int32'))), 2);
  }) as [Tensor, Tensor, Tensor];
  return { value: add(mul(sub(x, begin), slope), value), logDet: sum(log(slope), 1) };
};
