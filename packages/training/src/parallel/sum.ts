import type { NamedTensors, SolveReport } from '@impflow/core';
import { scalar, tensor } from '@tensorflow/tfjs-core';
import type { LossGradients } from '../gradient.ts';
import { elementsOf, type Layout } from './layout.ts';

/** What one worker found at its rows. */
export interface Part {
  readonly loss: number;
  /** The parameters that have a gradient. */
  readonly reached: readonly string[];
  readonly gradients: ArrayBufferLike;
  readonly reports: readonly SolveReport[];
}

/** The mean over the batch from the means over its parts, `counts` rows each: always in the same order. Belongs to the caller. */
export const summed = (parts: readonly Part[], counts: readonly number[], layout: Layout): LossGradients => {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const sums: Record<string, Float32Array> = {};
  parts.forEach(({ reached, gradients }, k) => {
    const weight = counts[k]! / rows;
    for (const name of reached) {
      const slot = layout.slots[name]!;
      const sum = (sums[name] ??= new Float32Array(slot.size));
      const part = elementsOf(gradients, slot);
      for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + weight * part[i]!;
    }
  });
  const named = Object.keys(layout.slots).flatMap((name) => (sums[name] === undefined ? [] : [[name, tensor(sums[name], [...layout.slots[name]!.shape], 'float32')] as const]));
  const gradients: NamedTensors = Object.fromEntries(named);
  return { value: scalar(parts.reduce((sum, { loss }, k) => sum + loss * (counts[k]! / rows), 0)), gradients, rows };
};
