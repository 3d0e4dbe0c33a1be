import { FlowError, kernel, scoped, valueAndGradients, type Key, type NamedTensors, type SolveReport } from '@impflow/core';
import { concat, div, minimum, mul, reshape, sqrt, square, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { Learnable } from './fit-options.ts';
import { mapRecord } from './records.ts';

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

/** The sum of the squares of all numbers of any count of tensors, named `'0'`, `'1'`, ... -> `[]`. */
const squaredNorm = kernel<NamedTensors>('ImpflowSquaredNorm');

/** The Euclidean norm of all gradients together, a scalar. */
export const globalNorm = (gradients: NamedTensors): Tensor => scoped(() => {
  const all = Object.values(gradients);
  const [squares] = squaredNorm.run(Object.fromEntries(all.entries()), {}, () => [sum(concat(all.map((g) => reshape(sum(square(g)), [1]))))]);
  return sqrt(squares);
});

export interface Clipped {
  readonly gradients: NamedTensors;
  /** The norm before clipping, a scalar. */
  readonly norm: Tensor;
}

/**
 * Scales all gradients by `min(1, maxNorm / norm)`: new tensors, those of the caller stay. Nothing is read back.
 *
 * @see Pascanu, Mikolov, Bengio, On the difficulty of training recurrent neural networks, ICML 2013 (arXiv:1211.5063), algorithm 1.
 */
export const clipByNorm = (gradients: NamedTensors, maxNorm: number): Clipped => {
  if (!(maxNorm > 0)) throw new FlowError('option', 'training/clipByNorm', 'Wrong maxNorm', { expected: 'a positive number', got: String(maxNorm) });
  return scoped(() => {
    const norm = globalNorm(gradients);
    // A norm of 0 gives infinity here, and 1 after the minimum.
    const factor = minimum(1, div(maxNorm, norm));
    return { gradients: mapRecord(gradients, (g) => mul(g, factor)), norm };
  });
};
