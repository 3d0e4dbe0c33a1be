import { release, scoped, type Key, type SolveReport } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { lossGradients } from '../gradient.ts';
import type { Learnable } from '../learnable.ts';
import { store, type Layout } from './layout.ts';
import type { Part } from './sum.ts';

/**
 * Computes one worker's share of the loss and gradient, and writes the gradient into `gradients` by `layout`. `draw`
 * returns the worker's rows and runs in a scope. `share` is the fraction of the rows of the batch.
 */
export const partOf = async (
  learnable: Learnable,
  draw: () => Tensor,
  key: Key,
  share: number,
  layout: Layout,
  gradients: ArrayBufferLike,
): Promise<Part> => {
  const reports: SolveReport[] = [];
  const found = scoped(() => lossGradients(learnable, draw(), key, (report) => reports.push(report), share));
  await store(layout, gradients, found.gradients);
  const loss = (await found.value.data())[0]!;
  release(found);
  return { loss, reports, reached: Object.keys(found.gradients), gradients };
};
