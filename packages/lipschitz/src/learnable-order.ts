import { FlowError, scoped } from '@impflow/core';
import { tensor1d, variable, type Variable } from '@tensorflow/tfjs-core';

/** The order `p = 1 + softplus(raw)` of a norm, always above 1, as a trainable number that layers may share. */
export interface LearnableOrder {
  readonly raw: Variable;
  value(): number;
  /** `dp / d raw`. */
  rate(): number;
}

/** The order of a norm: a number of at least 1, Infinity, or one to be learned. */
export type Order = number | LearnableOrder;

export interface LearnableOrderOptions {
  /** Above 1. Default 2. */
  readonly start?: number;
}

/**
 * An order to be learned with the weights. Give the same one to the `codomain` of a layer and the `domain` of the next.
 *
 * @remarks The layers follow it at each `refresh`, as they follow the norms of their weights.
 * @throws `option` for a start that is not a finite number above 1.
 * @see Chen, Behrmann, Duvenaud, Jacobsen, Residual Flows, 2019 (arXiv:1906.02735), appendix D, learned norm orders.
 */
export const learnableOrder = ({ start = 2 }: LearnableOrderOptions = {}): LearnableOrder => {
  if (!(start > 1 && start < Infinity)) {
    throw new FlowError('option', 'lipschitz/learnableOrder', 'Wrong order of a norm', { expected: 'a finite number above 1', got: String(start) });
  }
  // The inverse of softplus, log(e^y - 1), written so that neither end overflows.
  const y = start - 1;
  const raw = scoped(() => variable(tensor1d([y + Math.log(-Math.expm1(-y))])));
  const read = (): number => raw.dataSync()[0]!;
  return Object.freeze<LearnableOrder>({
    raw,
    value: () => 1 + Math.max(read(), 0) + Math.log1p(Math.exp(-Math.abs(read()))),
    rate: () => 1 / (1 + Math.exp(-read())),
  });
};

export const orderValue = (order: Order): number => typeof order === 'number' ? order : order.value();
