import type { KernelConfig, Tensor } from '@tensorflow/tfjs-core';
import { hostKernel, valuesOf } from './host-kernel.ts';

/** Makes one step of Adam for one parameter. */
export const adam: KernelConfig = hostKernel<
  Readonly<Record<'theta' | 'gradient' | 'm' | 'v', Tensor>>,
  'beta1' | 'beta2' | 'rate' | 'epsilon' | 'decay'
>('ImpflowAdam', ({ theta, gradient, m, v }, { beta1, beta2, rate, epsilon, decay }, give) => {
  const [old, g, ms, vs] = [valuesOf(theta), valuesOf(gradient), valuesOf(m), valuesOf(v)];
  const size = old.length,
    newTheta = new Float32Array(size),
    newM = new Float32Array(size),
    newV = new Float32Array(size);
  const gain1 = 1 - beta1,
    gain2 = 1 - beta2;
  for (let at = 0; at < size; at++) {
    const x = g[at]!;
    // This form of the averages has one rounding less than the usual form.
    const mean = ms[at]! + gain1 * (x - ms[at]!),
      spread = vs[at]! + gain2 * (x * x - vs[at]!);
    newM[at] = mean;
    newV[at] = spread;
    newTheta[at] = decay * old[at]! - (rate * mean) / (Math.sqrt(spread) + epsilon);
  }
  return [give(newTheta, theta.shape), give(newM, theta.shape), give(newV, theta.shape)];
});
