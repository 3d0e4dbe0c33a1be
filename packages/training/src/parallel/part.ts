import { release, scoped, type Key, type SolveReport } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Learnable } from '../fit-options.ts';
import { lossGradients } from '../gradient.ts';
import { store, type Layout } from './layout.ts';
import type { Part } from './sum.ts';

/** A `share` of the gradient, at some rows that are `draw`n in a scope, as the numbers that travel: written into `gradients`, laid out as `layout` says. */
export const partOf = async (learnable: Learnable, draw: () => Tensor, key: Key, share: number, layout: Layout, gradients: ArrayBufferLike): Promise<Part> => {
  const reports: SolveReport[] = [];
  const found = scoped(() => lossGradients(learnable, draw(), key, (report) => reports.push(report), share));
  await store(layout, gradients, found.gradients);
  const [loss] = await found.value.data() as unknown as [number];
  release(found);
  return { loss, reports, reached: Object.keys(found.gradients), gradients };
};
