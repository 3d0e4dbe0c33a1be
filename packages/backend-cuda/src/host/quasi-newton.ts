import type { KernelConfig, Tensor } from '@tensorflow/tfjs-core';
import { hostKernel, valuesOf } from './host-kernel.ts';

/** Applies Broyden's good update to the inverse Jacobian of each sample, and computes the next step. */
export const quasiNewton: KernelConfig = hostKernel<Readonly<Record<'inverse' | 'dy' | 'dF' | 'image', Tensor>>>(
  'ImpflowQuasiNewton',
  ({ inverse, dy, dF, image }, _attributes, give) => {
    const [batch, d] = dy.shape as [number, number];
    const [h, y, f, target] = [valuesOf(inverse), valuesOf(dy), valuesOf(dF), valuesOf(image)];
    const next = new Float32Array(batch * d * d),
      step = new Float32Array(batch * d),
      v = new Float64Array(d);
    for (let b = 0, at = 0; b < batch; b++, at += d) {
      const first = at * d;
      let denominator = 0,
        ofV = 0,
        ofF = 0;
      for (let j = 0; j < d; j++) {
        let sum = 0;
        for (let i = 0; i < d; i++) sum += y[at + i]! * h[first + i * d + j]!;
        v[j] = sum;
        denominator += sum * f[at + j]!;
        ofV += sum * sum;
        ofF += f[at + j]! ** 2;
      }
      // The comparison is false if a number is NaN.
      const ok = Math.abs(denominator) > Math.max(1e-6 * Math.sqrt(ofV * ofF), 1e-30);
      for (let i = 0; i < d; i++) {
        const row = first + i * d;
        let rest = y[at + i]!,
          move = 0;
        for (let j = 0; j < d; j++) rest -= h[row + j]! * f[at + j]!;
        const u = rest / denominator;
        for (let j = 0; j < d; j++) {
          const x = ok ? h[row + j]! + u * v[j]! : h[row + j]!;
          next[row + j] = x;
          move -= x * target[at + j]!;
        }
        step[at + i] = move;
      }
    }
    return [give(next, inverse.shape), give(step, dy.shape)];
  },
);
