import { wasm } from '@impflow/backend-wasm';
import { onBackend } from '@impflow/testkit';
import { randomUniform, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BUILDS } from '../../../testkit/private/extent.mjs';
import { runKernel } from '../run-kernel.ts';

const random = (...shape: number[]): Tensor => randomUniform(shape, -1, 1, 'float32', shape.length);

/** Returns the sums `sum_k a[k, i] b[k, j]` and the sums of the magnitudes of their terms, in float64. */
const products = (a: Tensor, b: Tensor): { readonly value: number[]; readonly scale: number[] } => {
  const m = a.shape.at(-1)!,
    n = b.shape.at(-1)!,
    rows = a.size / m;
  const [p, q] = [a.dataSync(), b.dataSync()];
  const value = Array.from({ length: m * n }, () => 0),
    scale = [...value];
  for (let k = 0; k < rows; k++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const term = p[k * m + i]! * q[k * n + j]!;
        value[i * n + j]! += term;
        scale[i * n + j]! += Math.abs(term);
      }
    }
  }
  return { value, scale };
};

describe.each(BUILDS)('kernels of dense layers, %s build', (simd) => {
  onBackend(wasm({ simd }));

  it.each([
    [[5], 3, 4],
    [[2, 7], 6, 9],
    [[250], 128, 2],
    [[31], 2, 128],
    [[40], 6, 24],
    [[30], 300, 20],
    [[0], 3, 4],
    [[3], 0, 4],
  ] as const)('the products of x [%s, n] with a weight agree with float64: n = %d, m = %d', (lead, n, m) =>
    tidy(() => {
      const x = random(...lead, n),
        weight = random(m, n),
        bias = random(m),
        u = random(...lead, m);
      const [y] = runKernel('ImpflowLinear', { x, weight, bias }, { transposed: false }) as [Tensor];
      const [plain] = runKernel('ImpflowLinear', { x, weight }, { transposed: false }) as [Tensor];
      const [back] = runKernel('ImpflowLinear', { x: u, weight }, { transposed: true }) as [Tensor];
      expect([y.shape, plain.shape, back.shape]).toEqual([
        [...lead, m],
        [...lead, m],
        [...lead, n],
      ]);
      const [xs, ws, bs, us] = [x.dataSync(), weight.dataSync(), bias.dataSync(), u.dataSync()];
      const [ys, plains, backs] = [y.dataSync(), plain.dataSync(), back.dataSync()];
      const rows = lead.reduce<number>((p, q) => p * q, 1);
      for (let r = 0; r < rows; r++) {
        for (let i = 0; i < m; i++) {
          let sum = 0,
            scale = 0;
          for (let j = 0; j < n; j++) {
            sum += xs[r * n + j]! * ws[i * n + j]!;
            scale += Math.abs(xs[r * n + j]! * ws[i * n + j]!);
          }
          expect(Math.abs(plains[r * m + i]! - sum)).toBeLessThanOrEqual((n + 1) * 2 ** -24 * scale);
          expect(Math.abs(ys[r * m + i]! - sum - bs[i]!)).toBeLessThanOrEqual(
            (n + 2) * 2 ** -24 * (scale + Math.abs(bs[i]!)),
          );
        }
        for (let j = 0; j < n; j++) {
          let sum = 0,
            scale = 0;
          for (let i = 0; i < m; i++) {
            sum += us[r * m + i]! * ws[i * n + j]!;
            scale += Math.abs(us[r * m + i]! * ws[i * n + j]!);
          }
          expect(Math.abs(backs[r * n + j]! - sum)).toBeLessThanOrEqual((m + 1) * 2 ** -24 * scale);
        }
      }
    }),
  );

  it.each([
    [5, 3, 4, 2],
    [250, 128, 2, 3],
    [31, 2, 128, 0],
    [7, 6, 8, 1],
    [0, 3, 4, 2],
    [300, 17, 9, 2],
  ])('the gradients of weight and bias agree with float64: B = %d, n = %d, m = %d, K = %d', (batch, n, m, count) =>
    tidy(() => {
      const u = random(batch, m),
        x = random(batch, n),
        cotangents = random(count, batch, m),
        tangents = random(count, batch, n);
      const check = (inputs: { u: Tensor; x: Tensor; cotangents?: Tensor; tangents?: Tensor }): void => {
        const [weight, bias] = runKernel('ImpflowLinearGradient', inputs) as [Tensor, Tensor];
        expect([weight.shape, bias.shape]).toEqual([[m, n], [m]]);
        const own = products(u, x),
          further = inputs.cotangents === undefined ? undefined : products(cotangents, tangents);
        const rows = batch * (1 + (further === undefined ? 0 : count));
        const weights = weight.dataSync();
        for (let i = 0; i < m * n; i++) {
          const scale = own.scale[i]! + (further?.scale[i] ?? 0);
          expect(Math.abs(weights[i]! - own.value[i]! - (further?.value[i] ?? 0))).toBeLessThanOrEqual(
            (rows + 1) * 2 ** -24 * scale,
          );
        }
        const [us, biases] = [u.dataSync(), bias.dataSync()];
        for (let i = 0; i < m; i++) {
          let sum = 0;
          for (let r = 0; r < batch; r++) sum += us[r * m + i]!;
          expect(biases[i]).toBeCloseTo(sum, 4);
        }
      };
      check({ u, x, cotangents, tangents });
      check({ u, x });
    }),
  );

  it('a linear layer returns NaN for NaN times zero', () =>
    tidy(() => {
      const [y] = runKernel(
        'ImpflowLinear',
        { x: tensor([0, 1], [1, 2]), weight: tensor([NaN, 1, 2, 3], [2, 2]) },
        { transposed: false },
      ) as [Tensor];
      expect([...y.dataSync()]).toEqual([NaN, 3]);
    }));
});
