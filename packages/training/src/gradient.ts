import {
  FlowError,
  kernel,
  scoped,
  valueAndGradients,
  type Key,
  type NamedTensors,
  type SolveReport,
} from '@impflow/core';
import { concat, div, minimum, mul, reshape, sqrt, square, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { Learnable } from './learnable.ts';
import { mapRecord } from './records.ts';

/** Mean loss over the rows of a batch, and its gradient. */
export interface LossGradients {
  /** Loss, a scalar. */
  readonly value: Tensor;
  /** Gradients by parameter name. Parameters that the loss does not depend on have no entry. */
  readonly gradients: NamedTensors;
  /** Number of rows. */
  readonly rows: number;
}

/**
 * Returns the loss and gradient of one batch. For a part of a batch, both are multiplied by `share`, the fraction of
 * the rows that are in this part. Call it in a scope.
 *
 * @throws `shape` for a loss that is not a scalar.
 */
export const lossGradients = (
  { model, loss }: Learnable,
  batch: Tensor,
  key: Key,
  report: (report: SolveReport) => void,
  share = 1,
): LossGradients => {
  const shared = (mean: Tensor): Tensor => (share === 1 ? mean : mul(mean, share));
  const { value, gradients } = valueAndGradients(() => shared(loss(batch, key, report)), model.parameters);
  // The scalar is checked outside the loss, because a throw inside leaks the tensors that tfjs saved on its tape.
  assertScalar(value);
  const reached = Object.fromEntries(Object.entries(gradients).filter(([, gradient]) => gradient !== undefined));
  return { value, gradients: reached, rows: batch.shape[0] ?? 1 };
};

const assertScalar = (loss: Tensor): void => {
  if (loss.rank === 0) return;
  throw new FlowError('shape', 'training/fit', 'Wrong loss', {
    expected: 'a scalar, the mean over the batch',
    got: `[${loss.shape.join(', ')}]`,
  });
};

/** Sum of the squares of all elements of the inputs, named `'0'`, `'1'`, ...; a scalar. */
const squaredNorm = kernel<NamedTensors>('ImpflowSquaredNorm');

/** Euclidean norm of all gradients together, a scalar. */
export const globalNorm = (gradients: NamedTensors): Tensor =>
  scoped(() => {
    const all = Object.values(gradients);
    const [squares] = squaredNorm.run(Object.fromEntries(all.entries()), {}, () => [
      sum(concat(all.map((g) => reshape(sum(square(g)), [1])))),
    ]);
    return sqrt(squares);
  });

/** Result of {@link clipByNorm}. Belongs to the caller. */
export interface Clipped {
  /** Scaled gradients, by parameter name. */
  readonly gradients: NamedTensors;
  /** Norm before clipping, a scalar. */
  readonly norm: Tensor;
}

/**
 * Returns all gradients times `min(1, maxNorm / norm)`, as new tensors. The inputs stay with the caller. Reads no value
 * back from the device.
 *
 * @throws `option` if `maxNorm` is not positive.
 * @see Pascanu, Mikolov, Bengio, On the difficulty of training recurrent neural networks, ICML 2013 (arXiv:1211.5063),
 * algorithm 1.
 */
export const clipByNorm = (gradients: NamedTensors, maxNorm: number): Clipped => {
  if (!(maxNorm > 0))
    throw new FlowError('option', 'training/clipByNorm', 'Wrong maxNorm', {
      expected: 'a positive number',
      got: String(maxNorm),
    });
  return scoped(() => {
    const norm = globalNorm(gradients);
    // If the norm is 0, the quotient is infinite and the minimum is 1.
    const factor = minimum(1, div(maxNorm, norm));
    return { gradients: mapRecord(gradients, (g) => mul(g, factor)), norm };
  });
};
