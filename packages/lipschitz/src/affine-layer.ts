import { kernel } from '@impflow/core';
import { add, matMul, reshape, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { DensePart, Layer, TangentCotangents } from './layer.ts';

/**
 * Returns the forward and derivative passes of `x W^T + b`. `weight` returns the current `W`, computed from the
 * parameters.
 */
export const affineLayer = ({
  inputs,
  outputs,
  weight,
  bias,
}: Omit<DensePart, 'kind'>): Pick<Layer, 'value' | 'trace' | 'jvp' | 'vjp' | 'pullback' | 'weightCount' | 'part'> => ({
  part: { kind: 'dense', inputs, outputs, weight, bias },
  value: (x) => affine(x, weight(), bias),
  trace: (x) => ({ value: affine(x, weight(), bias), saved: { x } }),
  jvp: (_trace, tangents) => affine(tangents, weight()),
  vjp: (_trace, cotangents) => transposed(cotangents, weight()),
  pullback: ({ saved: { x } }, cotangent, pairs) => {
    const explicit = weight();
    return {
      x: transposed(cotangent, explicit),
      ...(pairs === undefined ? {} : { tangents: transposed(pairs.cotangents, explicit) }),
      weights: outer(cotangent, x!, pairs),
    };
  },
  weightCount: 2,
});

/**
 * Computes `x W^T + b`, or `x W` with `transposed`. Shapes: `x [..., n]`, `weight [m, n]`, `bias [m]` -> `[..., m]`;
 * transposed: `x [..., m]` -> `[..., n]`.
 */
const linear = kernel<
  { readonly x: Tensor; readonly weight: Tensor; readonly bias?: Tensor },
  { readonly transposed: boolean }
>('ImpflowLinear');

/**
 * Computes the gradients of `<u, x W^T + b> + sum_k <w_k, t_k W^T>`: with respect to `W [m, n]`,
 * `u^T x + sum_k w_k^T t_k`; with respect to `b [m]`, the sum of `u` over the batch. Inputs: `u [B, m]`, `x [B, n]`,
 * `cotangents [K, B, m]`, `tangents [K, B, n]`.
 */
const linearGradient = kernel<{ readonly u: Tensor; readonly x: Tensor } & Partial<TangentCotangents>>(
  'ImpflowLinearGradient',
);

/** Returns `x W^T (+ b)`, `[..., n] -> [..., m]`. */
const affine = (x: Tensor, weight: Tensor, bias?: Tensor): Tensor =>
  linear.run({ x, weight, ...(bias === undefined ? {} : { bias }) }, { transposed: false }, () => {
    const product = onRows(x, (rows) => matMul(rows, weight, false, true));
    return [bias === undefined ? product : add(product, bias)];
  })[0];

/** Returns `u W`, `[..., m] -> [..., n]`. */
const transposed = (u: Tensor, weight: Tensor): Tensor =>
  linear.run({ x: u, weight }, { transposed: true }, () => [onRows(u, (rows) => matMul(rows, weight))])[0];

/**
 * Returns the gradients of a layer `x W^T + b`: `u^T x + sum_k w_k^T t_k` for the weight, and the sum of `u` over the
 * batch for the bias.
 */
const outer = (u: Tensor, x: Tensor, pairs: TangentCotangents | undefined): readonly [Tensor, Tensor] =>
  linearGradient.run({ u, x, ...pairs }, {}, () => {
    const product = (left: Tensor, right: Tensor): Tensor => matMul(left, right, true);
    const direct = product(u, x);
    return [
      pairs === undefined ? direct : add(direct, product(flat(pairs.cotangents), flat(pairs.tangents))),
      sum(u, 0),
    ];
  });

/** Reshapes a tensor: merges all axes except the last into one axis. */
const flat = (x: Tensor): Tensor => reshape(x, [-1, x.shape.at(-1)!]);

const onRows = (x: Tensor, map: (rows: Tensor) => Tensor): Tensor => {
  if (x.rank === 2) return map(x);
  const image = map(flat(x));
  return reshape(image, [...x.shape.slice(0, -1), image.shape[1]!]);
};
