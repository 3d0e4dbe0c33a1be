import { fold, key } from '@impflow/core';
import type { NormalizingFlow } from '@impflow/flows';
import { blockRows } from '../measure/batched.ts';
import { finite } from '../measure/finite.ts';

/** `count` samples `[count, ...shape]`, drawn in blocks; the key of a block depends on its place alone. @throws `convergence` where some are not finite. */
export const drawSamples = (flow: NormalizingFlow, count: number, { seed, temperature = 1 }: { readonly seed: number; readonly temperature?: number }): Float32Array => {
  const block = blockRows(flow.dim);
  const out = new Float32Array(count * flow.dim);
  for (let first = 0; first < count; first += block) {
    const rows = Math.min(block, count - first);
    const drawn = flow.sample(rows, { key: fold(key(seed), first), temperature });
    out.set(drawn.dataSync() as Float32Array, first * flow.dim);
    drawn.dispose();
  }
  return finite(out, { what: 'Samples', each: flow.dim, hint: temperature > 1 ? 'Lower --temperature.' : 'Take an earlier checkpoint, or train with another --base.' });
};
