import type { KernelConfig, Tensor } from '@tensorflow/tfjs-core';
import { hostKernel, valuesOf } from './host-kernel.ts';
import { copy, squares } from './sums.ts';

/** Updates the best iterate of each sample with a new iterate, and decides whether the sample continues. */
export const progress: KernelConfig = hostKernel<
  Readonly<Record<'active' | 'value' | 'residual' | 'latest' | 'limit' | 'nextValue' | 'nextResidual', Tensor>>,
  'atol' | 'rtol'
>('ImpflowProgress', ({ active, value, residual, latest, limit, nextValue, nextResidual }, { atol, rtol }, give) => {
  const batch = residual.shape[0]!,
    n = batch === 0 ? 0 : value.size / batch;
  const [was, old, before, last, bound, fresh, news] = [
    active,
    value,
    residual,
    latest,
    limit,
    nextValue,
    nextResidual,
  ].map(valuesOf) as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
  const best = new Float32Array(value.size),
    norm = new Float32Array(batch),
    tolerance = new Float32Array(batch),
    now = new Float32Array(batch),
    going = new Uint8Array(batch);
  for (let b = 0; b < batch; b++) {
    const taking = was[b] !== 0,
      newest = taking ? news[b]! : last[b]!;
    const better = taking && newest < before[b]!;
    const from = better ? fresh : old;
    copy(from, b * n, best, b * n, n);
    // A norm is infinite if a float32 sum would overflow, as in other kernels. The comparisons below use the float32
    // values that are returned.
    tolerance[b] = atol + rtol * Math.sqrt(Math.fround(squares(from, b * n, n)));
    norm[b] = better ? newest : before[b]!;
    now[b] = newest;
    // A comparison with NaN is false.
    going[b] = norm[b]! > tolerance[b]! && newest < bound[b]! ? 1 : 0;
  }
  return [
    give(best, value.shape),
    give(norm, residual.shape),
    give(tolerance, residual.shape),
    give(now, residual.shape),
    give(going, residual.shape, 'bool'),
  ];
});
