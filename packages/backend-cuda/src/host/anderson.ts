import type { KernelConfig, Tensor } from '@tensorflow/tfjs-core';
import { hostKernel, valuesOf } from './host-kernel.ts';
import { copy, inner } from './sums.ts';

/** Adds the last step to the history of Anderson acceleration. Returns the new history and the next iterate. */
export const anderson: KernelConfig = hostKernel<
  Readonly<Record<'y' | 'gap' | 'lastY' | 'lastGap', Tensor>> & Readonly<Partial<Record<'values' | 'gaps', Tensor>>>,
  'memory' | 'damping' | 'regularization'
>('ImpflowAnderson', ({ y, gap, lastY, lastGap, values, gaps }, { memory, damping, regularization }, give) => {
  const [batch, d] = y.shape as [number, number];
  const held = values?.shape[1] ?? 0,
    k = Math.min(memory, held + 1);
  const [here, target] = [valuesOf(y), valuesOf(gap)];
  const v = appended(values === undefined ? undefined : valuesOf(values), here, valuesOf(lastY), { batch, d, held, k });
  const g = appended(gaps === undefined ? undefined : valuesOf(gaps), target, valuesOf(lastGap), { batch, d, held, k });
  const next = new Float32Array(batch * d),
    system = new Float64Array(k * (k + 1));
  for (let b = 0, at = 0, first = 0; b < batch; b++, at += d, first += k * d) {
    for (let i = 0; i < k; i++) {
      const own = first + i * d,
        row = i * (k + 1);
      // Stores only the upper triangle of the Gram matrix, followed by the right-hand side.
      for (let j = i; j < k; j++) system[row + j] = inner(g, own, g, first + j * d, d);
      system[row + k] = inner(g, own, target, at, d);
    }
    solve(system, k, regularization);
    for (let j = 0; j < d; j++) {
      let x = here[at + j]! + damping * target[at + j]!;
      for (let i = 0, own = first + j; i < k; i++, own += d)
        x -= system[i * (k + 1) + k]! * (v[own]! + damping * g[own]!);
      next[at + j] = x;
    }
  }
  return [give(v, [batch, k, d]), give(g, [batch, k, d]), give(next, y.shape)];
});

interface Sizes {
  readonly batch: number;
  readonly d: number;
  readonly held: number;
  readonly k: number;
}

/** Keeps the newest `k - 1` of the `held` differences of each sample, and appends `now - before`. */
const appended = (
  past: Float32Array | undefined,
  now: Float32Array,
  before: Float32Array,
  { batch, d, held, k }: Sizes,
): Float32Array => {
  const out = new Float32Array(batch * k * d),
    kept = (k - 1) * d;
  for (let b = 0; b < batch; b++) {
    const to = b * k * d,
      from = (b + 1) * held * d - kept,
      at = b * d;
    if (past !== undefined) copy(past, from, out, to, kept);
    for (let j = 0; j < d; j++) out[to + kept + j] = now[at + j]! - before[at + j]!;
  }
  return out;
};

/**
 * Solves for the coefficients. The coefficients overwrite the right-hand side, which is stored after the upper triangle
 * of the Gram matrix.
 */
const solve = (system: Float64Array, k: number, regularization: number): void => {
  const line = k + 1;
  let trace = 0;
  for (let i = 0; i < k; i++) trace += system[i * line + i]!;
  const scale = 1 / Math.max(trace, 1e-30);
  for (let i = 0; i < k; i++) {
    for (let j = i; j <= k; j++) system[i * line + j]! *= scale;
    system[i * line + i]! += regularization;
  }
  for (let i = 0; i < k; i++) {
    for (let j = i + 1; j < k; j++) {
      const factor = system[i * line + j]! / system[i * line + i]!;
      for (let l = j; l <= k; l++) system[j * line + l]! -= factor * system[i * line + l]!;
    }
  }
  for (let i = k - 1; i >= 0; i--) {
    let rest = system[i * line + k]!;
    for (let j = i + 1; j < k; j++) rest -= system[i * line + j]! * system[j * line + k]!;
    system[i * line + k] = rest / system[i * line + i]!;
  }
};
