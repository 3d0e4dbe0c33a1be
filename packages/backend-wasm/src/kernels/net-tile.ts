import { activate, type Hidden } from './elementwise/activation.ts';
import type { LayerProduct } from './net-packed.ts';
import type { Net } from './net-parts.ts';

/** Addresses of what a tile of rows passes through. */
export interface TileBuffers {
  /** What enters an activation that does not need it again, `[rows, widest]`. */
  readonly inner: number;
  /** Each hidden layer, `[rows, n_i]`; the last has room for all others. */
  readonly hidden: readonly Hidden[];
}

/** g at `count` rows of x. The numbers of each hidden layer stay in the buffers where `keep`, else only the last layer's do. */
export const evaluateTile = (
  { machine, widths, depth, activation }: Net, product: LayerProduct, biases: readonly number[], { inner, hidden }: TileBuffers, pad: number,
  x: number, out: number, count: number, keep: boolean,
): void => {
  let entering = x;
  for (let i = 0; i < depth - 1; i++) {
    const { value, slope, argument } = hidden[keep ? i : hidden.length - 1]!;
    const arriving = argument === 0 ? inner : argument;
    product(i, entering, arriving, count, biases[i]!);
    activate(machine, activation, arriving, value, slope, count * widths[i + 1]!, pad);
    entering = value;
  }
  product(depth - 1, entering, out, count, biases[depth - 1]!);
};

/** Images of the unit tangents under g at the `count` rows evaluated last: `out[k, b, i] = J_ik`. `columns` has the first weight's columns, one after the other. */
export const tangentsOfTile = (
  { machine: { call }, widths, depth }: Net, product: LayerProduct, columns: number, { inner, hidden }: TileBuffers, spare: number, out: number, count: number,
): void => {
  const [d, n] = [widths[0]!, widths[1]!];
  for (let k = 0; k < d; k++) {
    const column = columns + 4 * k * n, image = out + 4 * k * count * d;
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
