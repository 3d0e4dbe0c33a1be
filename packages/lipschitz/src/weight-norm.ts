import { fold, normals, scoped, type Key, type NamedVariables, type RefreshOptions } from '@impflow/core';
import { matMul, reshape, tensor, tensor1d, variable, zeros, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { localDual, localSide, type NormOrders } from './cap-weight.ts';
import { inducedNorm } from './induced-norm.ts';
import { dual, dualOrder } from './vector-norm.ts';

/**
 * A norm of a weight `W` as `sigma = sum D W` with `D` held constant.
 *
 * @remarks By the envelope theorem that is the right gradient for every norm here: `sigma` is the maximum of `u^T W v` over
 * unit vectors, so `d sigma / dW = u v^T` at those that attain it; how they move with `W` does not matter to first order.
 */
export interface WeightNorm {
  readonly buffers: NamedVariables;
  /** Summing over these axes gives `sigma`: one number, or one per column or row. */
  readonly axes: readonly number[];
  /** `D`, `[outputs, inputs]`. */
  slope(): Tensor;
  /** Brings `D` up to date with the values of the weight. */
  refresh(values: ArrayLike<number>, options: RefreshOptions): void;
}

interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** The induced norm of the whole weight, from buffers `u [rows]` and `v [columns]`. */
const globalNorm = ({ rows, columns }: Size, p: number, q: number, key: Key): WeightNorm => {
  const u = scoped(() => variable(unitVector(fold(key, 0), rows, dualOrder(q))));
  const v = scoped(() => variable(unitVector(fold(key, 1), columns, p)));
  return {
    buffers: { u, v },
    axes: [0, 1],
    slope: () => matMul(reshape(u, [rows, 1]), reshape(v, [1, columns])),
    refresh: (values, options) => {
      const found = inducedNorm(values, rows, columns, p, q, options, v.dataSync());
      // A zero weight has no such vectors, and one that is not finite must not spoil them for good.
      if (!(found.norm > 0 && found.norm < Infinity)) return;
      assign(u, found.u);
      assign(v, found.v);
    },
  };
};

/** One norm per column or row, from a buffer `dual [rows, columns]`. Exact after each refresh. */
const localNorm = ({ rows, columns }: Size, p: number, q: number): WeightNorm => {
  const slope = scoped(() => variable(zeros([rows, columns])));
  return {
    buffers: { dual: slope },
    axes: localSide(p, q) === 'columns' ? [0] : [1],
    slope: () => slope.clone(),
    refresh: (values) => { assign(slope, localDual(values, rows, columns, p, q)); },
  };
};

export const weightNorm = (size: Size, { domain = 2, codomain = 2, local = false }: NormOrders, key: Key): WeightNorm =>
  local ? localNorm(size, domain, codomain) : globalNorm(size, domain, codomain, key);

/** A random vector with p-norm one. */
const unitVector = (key: Key, size: number, p: number): Tensor => tensor1d(Float32Array.from(dual(normals(key, size), dualOrder(p))));

const assign = (target: Variable, values: Float64Array): void => {
  const next = tensor(Float32Array.from(values), target.shape);
  target.assign(next);
  next.dispose();
};
