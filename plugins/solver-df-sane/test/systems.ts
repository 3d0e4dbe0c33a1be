import type { TensorMap } from '@impflow/core';
import { add, concat, exp, mul, pad, reshape, slice, sub, tensor, type Tensor } from '@tensorflow/tfjs-core';

/**
 * A system `F(y) = 0` of any dimension. Each system is written twice: as a map of tensors, and independently as a
 * float64 function.
 */
export interface System {
  readonly name: string;
  readonly F: TensorMap;
  readonly plain: (y: readonly number[]) => number[];
  readonly start: (d: number) => number[];
}

const places = (d: number): Tensor =>
  tensor(
    Float32Array.from({ length: d }, (_, i) => i + 1),
    [1, d],
  );

/** Returns `y` shifted by one position, with a zero in the empty position. */
const from = (y: Tensor, offset: -1 | 1): Tensor => {
  const [batch, d] = y.shape as [number, number];
  return offset === -1
    ? pad(slice(y, [0, 0], [batch, d - 1]), [
        [0, 0],
        [1, 0],
      ])
    : pad(slice(y, [0, 1], [batch, d - 1]), [
        [0, 0],
        [0, 1],
      ]);
};

/** Three test functions of La Cruz, Martinez and Raydan (2006). The roots of the first two functions are zero. */
export const systems: readonly System[] = [
  {
    name: 'exponential function 2',
    F: (y) => {
      const [batch, d] = y.shape as [number, number];
      const first = sub(exp(slice(y, [0, 0], [batch, 1])), 1);
      const others = mul(
        mul(0.1, slice(places(d), [0, 1], [1, d - 1])),
        sub(add(exp(slice(y, [0, 1], [batch, d - 1])), slice(y, [0, 0], [batch, d - 1])), 1),
      );
      return concat([first, others], 1);
    },
    plain: (y) => y.map((v, i) => (i === 0 ? Math.exp(v) - 1 : ((i + 1) / 10) * (Math.exp(v) + y[i - 1]! - 1))),
    start: (d) => Array.from({ length: d }, () => 1 / d ** 2),
  },
  {
    name: 'strictly convex function 1',
    F: (y) => sub(exp(y), 1),
    plain: (y) => y.map((v) => Math.exp(v) - 1),
    start: (d) => Array.from({ length: d }, (_, i) => (i + 1) / d),
  },
  {
    name: 'Broyden tridiagonal',
    F: (y) => add(sub(sub(mul(sub(3, mul(2, y)), y), from(y, -1)), mul(2, from(y, 1))), 1),
    plain: (y) => y.map((v, i) => (3 - 2 * v) * v - (y[i - 1] ?? 0) - 2 * (y[i + 1] ?? 0) + 1),
    start: (d) => Array.from({ length: d }, () => -1),
  },
];

/** Converts a system on rows to a system on events of any rank. */
export const asEvents =
  (F: TensorMap): TensorMap =>
  (y) =>
    reshape(F(reshape(y, [y.shape[0]!, -1])), y.shape);
