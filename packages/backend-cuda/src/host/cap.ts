import type { KernelConfig, Tensor } from '@tensorflow/tfjs-core';
import { hostKernel, valuesOf } from './host-kernel.ts';
import { inner } from './sums.ts';

/**
 * Scales a weight `W [m, n]` so that its norm is at most `coeff`. Returns the scaled weight, the norm `u^T W v` before
 * the scaling and the gradient of this norm.
 */
export const cap: KernelConfig = hostKernel<Readonly<Record<'weight' | 'u' | 'v', Tensor>>, 'coeff'>(
  'ImpflowCap',
  ({ weight, u, v }, { coeff }, give) => {
    const [m, n] = weight.shape as [number, number];
    const [w, left, right] = [valuesOf(weight), valuesOf(u), valuesOf(v)];
    const scaled = new Float32Array(m * n),
      slope = new Float32Array(m * n);
    let sigma = 0;
    for (let i = 0, row = 0; i < m; i++, row += n) {
      const ui = left[i]!;
      for (let j = 0; j < n; j++) slope[row + j] = ui * right[j]!;
      sigma += ui * inner(w, row, right, 0, n);
    }
    // A NaN norm must make the result NaN. Math.max returns NaN then.
    const norm = Math.fround(sigma),
      factor = coeff / Math.max(norm, coeff);
    for (let at = 0; at < scaled.length; at++) scaled[at] = factor * w[at]!;
    return [give(scaled, weight.shape), give(Float32Array.of(norm), [1, 1]), give(slope, weight.shape)];
  },
);

/** Converts the gradient with respect to a capped weight into the gradient with respect to the original weight. */
export const capGradient: KernelConfig = hostKernel<
  Readonly<Record<'direct' | 'weight' | 'slope' | 'sigma', Tensor>>,
  'coeff'
>('ImpflowCapGradient', ({ direct, weight, slope, sigma }, { coeff }, give) => {
  const norm = valuesOf(sigma)[0]!,
    bound = Math.fround(coeff),
    factor = bound / Math.max(norm, bound);
  const g = valuesOf(direct),
    out = new Float32Array(g.length);
  if (!(norm > bound)) {
    for (let at = 0; at < out.length; at++) out[at] = factor * g[at]!;
    return give(out, weight.shape);
  }
  const correction = (factor * inner(g, 0, valuesOf(weight), 0, g.length)) / norm,
    s = valuesOf(slope);
  for (let at = 0; at < out.length; at++) out[at] = factor * g[at]! - correction * s[at]!;
  return give(out, weight.shape);
});
