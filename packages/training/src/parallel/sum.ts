import { scoped, type NamedTensors, type SolveReport } from '@impflow/core';
import { add, type Tensor } from '@tensorflow/tfjs-core';
import type { LossGradients } from '../gradient.ts';
import { loadedAll, type Layout } from './layout.ts';

/** One worker's contribution to the mean loss of a batch and to its gradient. */
export interface Part {
  readonly loss: number;
  /** Names of the parameters that have a gradient. */
  readonly reached: readonly string[];
  readonly gradients: ArrayBufferLike;
  readonly reports: readonly SolveReport[];
}

/**
 * Sums the contributions of all workers. The order of summation is fixed, with the caller's contribution first. The
 * caller owns the result.
 */
export const summed = (
  own: Pick<LossGradients, 'value' | 'gradients'>,
  parts: readonly Part[],
  rows: number,
  layout: Layout,
): LossGradients =>
  scoped(() => {
    const sums: Record<string, Tensor> = { ...own.gradients };
    for (const { reached, gradients } of parts) {
      const shares = loadedAll(
        gradients,
        reached.map((name) => layout.slots[name]!),
      );
      reached.forEach((name, i) => {
        sums[name] = sums[name] === undefined ? shares[i]! : add(sums[name], shares[i]!);
      });
    }
    const named = Object.keys(layout.slots).flatMap((name) =>
      sums[name] === undefined ? [] : [[name, sums[name].clone()] as const],
    );
    const gradients: NamedTensors = Object.fromEntries(named);
    return {
      value: add(
        own.value,
        parts.reduce((sum, { loss }) => sum + loss, 0),
      ),
      gradients,
      rows,
    };
  });
