import { FlowError, scoped, shown } from '@impflow/core';
import { tensor1d, variable, type Variable } from '@tensorflow/tfjs-core';

/** A trainable order of a p-norm, `p = 1 + softplus(raw)`, always above 1. Layers may share an order. */
export interface LearnableOrder {
  /** The trained variable `raw`, `[1]`. */
  readonly raw: Variable;
  /** Returns the present order `p`. Reads `raw` from the device. */
  value(): number;
  /** Returns the derivative `dp / d raw` at the present value. Reads `raw` from the device. */
  rate(): number;
}

/** The order of a norm: a number of at least 1, Infinity, or a learnable order. */
export type Order = number | LearnableOrder;

/** Options of {@link learnableOrder}. */
export interface LearnableOrderOptions {
  /** Initial order, above 1. Default 2. */
  readonly start?: number;
}

/**
 * Returns an order of a norm that is learned with the weights. Pass the returned object as `codomain` of a layer and as
 * `domain` of the next layer.
 *
 * @remarks The layers read the value of the order at each `refresh`, which also updates the norms of the weights.
 * @throws `option` for a start that is not a finite number above 1.
 * @see Chen, Behrmann, Duvenaud, Jacobsen, Residual Flows, 2019 (arXiv:1906.02735), appendix D, learned norm orders.
 */
export const learnableOrder = ({ start = 2 }: LearnableOrderOptions = {}): LearnableOrder => {
  if (!(start > 1 && start < Infinity)) {
    throw new FlowError('option', 'lipschitz/learnableOrder', 'Wrong order of a norm', {
      expected: 'a finite number above 1',
      got: shown(start),
    });
  }
  // The inverse of softplus, log(e^y - 1), in a form that overflows neither for large nor for small y.
  const y = start - 1;
  const raw = scoped(() => variable(tensor1d([y + Math.log(-Math.expm1(-y))])));
  const read = (): number => raw.dataSync()[0]!;
  return Object.freeze<LearnableOrder>({
    raw,
    value: () => 1 + Math.max(read(), 0) + Math.log1p(Math.exp(-Math.abs(read()))),
    rate: () => 1 / (1 + Math.exp(-read())),
  });
};

/** Returns the present value of an order as a number. */
export const orderValue = (order: Order): number => (typeof order === 'number' ? order : order.value());
