import { FlowError, fused, scoped, type NamedTensors } from '@impflow/core';
import { concat, div, minimum, mul, reshape, sqrt, square, sum, type Tensor } from '@tensorflow/tfjs-core';
import { mapRecord } from './records.ts';

/** The Euclidean norm of all gradients together, a scalar. */
export const globalNorm = (gradients: NamedTensors): Tensor => scoped(() => {
  const all = Object.values(gradients);
  const [squares] = fused('ImpflowSquaredNorm', Object.fromEntries(all.entries()), {}, () => [sum(concat(all.map((g) => reshape(sum(square(g)), [1]))))]);
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
