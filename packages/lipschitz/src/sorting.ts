import { FlowError, shown, type NamedTensors } from '@impflow/core';
import {
  add,
  cast,
  concat,
  gather,
  greater,
  mul,
  neg,
  range,
  reshape,
  slice,
  stack,
  sub,
  topk,
  unstack,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { Layer } from './layer.ts';

/**
 * The activation that returns the larger entry of every pair of adjacent entries, followed by the smaller entry of
 * every pair: `[B, n] -> [B, n]` for even `n`. 1-Lipschitz. Unlike elementwise activations, the layer preserves the
 * norm of every gradient.
 *
 * @throws `shape` for an odd width, when the activation is applied.
 * @see Anil, Lucas, Grosse, Sorting Out Lipschitz Function Approximation, 2019 (arXiv:1811.05381).
 */
export const maxMin = (): Layer =>
  selecting('maxMin', {
    choose: (x) => {
      const [left, right] = pairs(x);
      return { first: cast(greater(left, right), 'float32') };
    },
    // Entries are chosen by sums of products instead of `where`. The sums are exact for finite entries and faster, and
    // NaN stays NaN.
    apply: (x, { first }) => {
      const [left, right] = pairs(x);
      const second = sub(1, first!);
      return concat([add(mul(first!, left), mul(second, right)), add(mul(second, left), mul(first!, right))], 1);
    },
    undo: (u, { first }) => {
      const [batch, width] = u.shape as [number, number];
      const larger = slice(u, [0, 0], [batch, width / 2]);
      const smaller = slice(u, [0, width / 2], [batch, width / 2]);
      const second = sub(1, first!);
      return reshape(
        stack([add(mul(first!, larger), mul(second, smaller)), add(mul(second, larger), mul(first!, smaller))], 2),
        [batch, width],
      );
    },
  });

/**
 * The activation that sorts the entries of each row in ascending order, `[B, n] -> [B, n]`. The activation is
 * 1-Lipschitz and preserves the norm of every gradient.
 *
 * @remarks The rows are sorted on the host if the backend has no kernel for sorting. The activation `fullSort` is the
 * slowest activation of this package.
 * @see Anil, Lucas, Grosse, Sorting Out Lipschitz Function Approximation, 2019 (arXiv:1811.05381).
 */
export const fullSort = (): Layer =>
  selecting('fullSort', {
    choose: (x) => {
      const order = ascending(x);
      return { order, inverse: ascending(cast(order, 'float32')) };
    },
    apply: (x, { order }) => gatherRows(x, order!),
    undo: (u, { inverse }) => gatherRows(u, inverse!),
  });

/**
 * A choice of entries that depends on `x`. The choice is constant almost everywhere, so the layer is linear near almost
 * every `x`.
 */
interface Selection {
  choose(x: Tensor): NamedTensors;
  apply(x: Tensor, choice: NamedTensors): Tensor;
  /** The transpose of the linear map that `apply` computes for a choice. */
  undo(u: Tensor, choice: NamedTensors): Tensor;
}

const selecting = (name: string, { choose, apply, undo }: Selection): Layer =>
  Object.freeze<Layer>({
    name,
    lipschitz: 1,
    parameters: {},
    buffers: {},
    value: (x) => apply(x, choose(x)),
    trace: (x) => {
      const saved = choose(x);
      return { value: apply(x, saved), saved };
    },
    jvp: ({ saved }, tangents) => each(tangents, (t) => apply(t, saved)),
    vjp: ({ saved }, cotangents) => each(cotangents, (u) => undo(u, saved)),
    pullback: ({ saved }, u, stacked) => ({
      x: undo(u, saved),
      ...(stacked === undefined ? {} : { tangents: each(stacked.cotangents, (w) => undo(w, saved)) }),
      weights: [],
    }),
  });

/** Applies the function `product` to each tensor of a stack. */
const each = (stacked: Tensor, product: (t: Tensor) => Tensor): Tensor => stack(unstack(stacked).map(product));

/** Returns the entries at even and at odd indices, `[B, n / 2]` each. */
const pairs = (x: Tensor): readonly [Tensor, Tensor] => {
  const [batch, width] = x.shape as [number, number];
  if (width % 2 !== 0)
    throw new FlowError('shape', 'lipschitz/maxMin', 'Wrong width', {
      expected: 'an even number of features',
      got: shown(width),
      hint: 'Choose even hidden widths.',
    });
  const grouped = reshape(x, [batch, width / 2, 2]);
  const at = (i: number): Tensor => reshape(slice(grouped, [0, 0, i], [batch, width / 2, 1]), [batch, width / 2]);
  return [at(0), at(1)];
};

/** Returns the indices that sort each row in ascending order, `[B, n]`, int32. */
const ascending = (x: Tensor): Tensor => topk(neg(x), x.shape[1]!).indices;

/** Returns `x[i, places[i, j]]`. Uses flat indices: the gather of tfjs-wasm 4.22 is wrong with batch dimensions. */
const gatherRows = (x: Tensor, places: Tensor): Tensor => {
  const [batch, width] = x.shape as [number, number];
  const offsets = reshape(mul(range(0, batch, 1, 'int32'), width), [batch, 1]);
  return gather(reshape(x, [-1]), cast(add(places, offsets), 'int32'));
};
