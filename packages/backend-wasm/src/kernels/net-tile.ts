import { activate, type Hidden } from './elementwise/activation.ts';
import type { LayerProduct } from './net-packed.ts';
import type { Net } from './net-parts.ts';

/** Addresses of the buffers for a tile, which is a group of rows that are computed together. */
export interface TileBuffers {
  /** Buffer for the arguments of an activation that are not needed after the activation, `[rows, widest]`. */
  readonly inner: number;
  /** Buffers of each hidden layer, `[rows, n_i]`. The last entry is large enough for any layer. */
  readonly hidden: readonly Hidden[];
}

/**
 * Computes g at `count` rows of x. If `keep` is true, each hidden layer writes to its own entry of `hidden`; else all
 * layers write to the last entry. `shift` is the address of a matrix `[count, n_1]` that is added to the output of the
 * first layer, or 0.
 */
export const evaluateTile = (
  { machine, widths, depth, activation }: Net,
  product: LayerProduct,
  biases: readonly number[],
  { inner, hidden }: TileBuffers,
  pad: number,
  x: number,
  out: number,
  count: number,
  keep: boolean,
  shift: number,
): void => {
  let entering = x;
  for (let i = 0; i < depth - 1; i++) {
    const { value, slope, argument } = hidden[keep ? i : hidden.length - 1]!;
    const arriving = argument === 0 ? inner : argument;
    product(i, entering, arriving, count, biases[i]!);
    if (i === 0 && shift !== 0) machine.call.addTo(arriving, shift, count * widths[1]!);
    activate(machine, activation, arriving, value, slope, count * widths[i + 1]!, pad);
    entering = value;
  }
  product(depth - 1, entering, out, count, biases[depth - 1]!);
};

/**
 * Computes the Jacobian of g at the `count` rows of the last evaluation, as products with unit vectors:
 * `out[k, b, i] = J_ik`. `columns` is the address of the transposed first weight.
 */
export const tangentsOfTile = (
  { machine: { call }, widths, depth }: Net,
  product: LayerProduct,
  columns: number,
  { inner, hidden }: TileBuffers,
  spare: number,
  out: number,
  count: number,
): void => {
  const [d, n] = [widths[0]!, widths[1]!];
  for (let k = 0; k < d; k++) {
    const column = columns + 4 * k * n,
      image = out + 4 * k * count * d;
    if (depth === 1) {
      call.repeat(column, image, 1, 4 * n, count);
      continue;
    }
    call.rootSeed(column, hidden[0]!.slope, spare, count, n);
    for (let i = 1; i < depth - 1; i++) {
      product(i, spare, inner, count);
      call.tangentProduct(inner, hidden[i]!.slope, spare, 1, count * widths[i + 1]!);
    }
    product(depth - 1, spare, image, count);
  }
};
