import {
  FlowError,
  kernel,
  scoped,
  valueAndGradients,
  shown,
  type Key,
  type NamedTensors,
  type SolveReport,
} from '@impflow/core';
import { concat, div, minimum, mul, reshape, sqrt, square, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { Learnable } from './learnable.ts';
import { mapRecord } from './records.ts';

/** Mean loss over the rows of a batch, and the gradient of this loss. */
export interface LossGradients {
  /** Loss, a scalar. */
  readonly value: Tensor;
  /** Gradients by parameter name. Parameters that the loss does not depend on have no entry. */
  readonly gradients: NamedTensors;
  /** Number of rows. */
  readonly rows: number;
}

/**
 * Returns the loss and gradient of one batch. If `batch` contains only a part of the rows, loss and gradient are
 * multiplied by `share`, the fraction of the rows in this part. Call `lossGradients` in a scope.
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
  // The shape of the loss is checked outside the differentiated function, because an error inside it leaks the tensors
  // that tfjs saved on its tape.
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

/**
 * Computes the sum of the squares of all elements of the inputs, as a scalar. The inputs are named `'0'`, `'1'`, ...
 */
const squaredNorm = kernel<NamedTensors>('ImpflowSquaredNorm');

/** Computes the Euclidean norm of all gradients together, as a scalar. */
export const globalNorm = (gradients: NamedTensors): Tensor =>
  scoped(() => {
    const all = Object.values(gradients);
    const [squares] = squaredNorm.run(Object.fromEntries(all.entries()), {}, () => [
      sum(concat(all.map((g) => reshape(sum(square(g)), [1])))),
    ]);
    return sqrt(squares);
  });

/** Result of {@link clipByNorm}. The caller owns these tensors. */
export interface Clipped {
  /** Scaled gradients, by parameter name. */
  readonly gradients: NamedTensors;
  /** Norm before clipping, a scalar. */
  readonly norm: Tensor;
}

/**
 * Multiplies all gradients by `min(1, maxNorm / norm)`, and returns new tensors. The caller still owns the inputs. No
 * value is read back from the device.
 *
 * @throws `option` if `maxNorm` is not positive.
 * @see Pascanu, Mikolov, Bengio, On the difficulty of training recurrent neural networks, ICML 2013 (arXiv:1211.5063),
 * algorithm 1.
 */
export const clipByNorm = (gradients: NamedTensors, maxNorm: number): Clipped => {
  if (!(maxNorm > 0))
    throw new FlowError('option', 'training/clipByNorm', 'Wrong maxNorm', {
      expected: 'a positive number',
      got: shown(maxNorm),
    });
  return scoped(() => {
    const norm = globalNorm(gradients);
    // If the norm is 0, the quotient is infinite and the minimum is 1.
    const factor = minimum(1, div(maxNorm, norm));
    return { gradients: mapRecord(gradients, (g) => mul(g, factor)), norm };
  });
};
