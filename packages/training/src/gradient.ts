import { FlowError, valueAndGradients, type Key, type NamedTensors, type SolveReport } from '@impflow/core';
import { mul, type Tensor } from '@tensorflow/tfjs-core';
import type { Learnable } from './fit-options.ts';

/** The mean loss over some rows, a scalar, and its gradient. Parameters that the loss does not reach have none. */
export interface LossGradients {
  readonly value: Tensor;
  readonly gradients: NamedTensors;
  readonly rows: number;
}

/**
 * The gradient at one batch, or at a part of one, which then counts for a `share` of the mean. Call it in a scope.
 *
 * @throws `shape` for a loss that is no scalar.
 */
export const lossGradients = ({ model, loss }: Learnable, batch: Tensor, key: Key, report: (report: SolveReport) => void, share = 1): LossGradients => {
  const shared = (mean: Tensor): Tensor => (share === 1 ? mean : mul(mean, share));
  const { value, gradients } = valueAndGradients(() => shared(loss(batch, key, report)), model.parameters);
  // Not inside the loss: a throw there leaks what tfjs saved on its tape.
  assertScalar(value);
  const reached = Object.fromEntries(Object.entries(gradients).filter(([, gradient]) => gradient !== undefined));
  return { value, gradients: reached, rows: batch.shape[0] ?? 1 };
};

const assertScalar = (loss: Tensor): void => {
  if (loss.rank === 0) return;
  throw new FlowError('shape', 'training/fit', 'Wrong loss', { expected: 'a scalar, the mean over the batch', got: `[${loss.shape.join(', ')}]` });
};
