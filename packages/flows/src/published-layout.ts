import { sizeOf, type Shape } from '@impflow/core';

/**
 * Returns the shape that a variable has in the published PyTorch implementation. Filters `[kh, kw, in, out]` become
 * `[out, in, kh, kw]`; arrays for images `[h, w, c]` become vectors with channels first; other shapes do not change.
 */
export const publishedShape = (shape: Shape): Shape => {
  if (shape.length === 4) return orders(shape).there.map((axis) => shape[axis]!);
  return shape.length === 3 ? [sizeOf(shape)] : shape;
};

/** Returns the entries of a variable in the order of the published PyTorch implementation. */
export const toPublished = (data: ArrayLike<number>, shape: Shape): Float32Array =>
  permuted(data, shape, orders(shape).there);

/**
 * The inverse of {@link toPublished}. `data` has the order of the published PyTorch implementation; the result has the
 * order of a variable of shape `shape`.
 */
export const fromPublished = (data: ArrayLike<number>, shape: Shape): Float32Array => {
  const { there, back } = orders(shape);
  return permuted(
    data,
    there.map((axis) => shape[axis]!),
    back,
  );
};

const orders = ({ length }: Shape): { readonly there: readonly number[]; readonly back: readonly number[] } => {
  if (length === 4) return { there: [3, 2, 0, 1], back: [2, 3, 1, 0] };
  if (length === 3) return { there: [2, 0, 1], back: [1, 2, 0] };
  const same = Array.from({ length }, (_, axis) => axis);
  return { there: same, back: same };
};

/** Transposes an array on the host: axis `i` of the result is axis `order[i]` of `data`. */
const permuted = (data: ArrayLike<number>, shape: Shape, order: readonly number[]): Float32Array => {
  if (order.every((axis, i) => axis === i)) return Float32Array.from(data);
  const strides = order.map((axis) => sizeOf(shape.slice(axis + 1)));
  const sizes = order.map((axis) => shape[axis]!);
  return Float32Array.from({ length: data.length }, (_, i) => {
    let [rest, from] = [i, 0];
    for (let axis = order.length - 1; axis >= 0; axis--) {
      from += (rest % sizes[axis]!) * strides[axis]!;
      rest = Math.floor(rest / sizes[axis]!);
    }
    return data[from]!;
  });
};
