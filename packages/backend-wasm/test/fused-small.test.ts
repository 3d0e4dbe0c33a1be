import { wasm } from '@impflow/backend-wasm';
import { onBackend } from '@impflow/testkit';
import { tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BUILDS } from '../../testkit/private/extent.mjs';
import { runKernel } from './run-kernel.ts';
import { draw, expectClose, testAgainstOperations, testSmall } from './small-suite.ts';

describe.each(BUILDS)('small fused kernels, %s build', (simd) => {
  testSmall(wasm({ simd }));
});

describe.each(BUILDS)('fused kernels of tangents, %s build', (simd) => {
  onBackend(wasm({ simd }));

  const sizes = [
    [0, 5, 7],
    [1, 1, 1],
    [2, 5, 7],
    [3, 4, 16],
    [2, 33, 131],
    [6, 3, 2],
    [1, 0, 4],
  ] as const;

  it.each(sizes)(
    'the product of tangents with a slope and its gradient agree with float64: K = %d, B = %d, n = %d',
    (count, batch, n) =>
      tidy(() => {
        const [slope, curvature, u] = [draw(1, [batch, n]), draw(2, [batch, n]), draw(3, [batch, n])];
        const [tangents, cotangents] = [draw(4, [count, batch, n]), draw(5, [count, batch, n])];
        const size = batch * n;
        const [product] = runKernel('ImpflowTangentProduct', { tangents: tangents.on, slope: slope.on });
        expect(product!.shape).toEqual([count, batch, n]);
        expectClose(
          product!,
          Float64Array.from(tangents.values, (t, at) => t * slope.values[at % size]!),
          1e-7,
        );
        const [gradient, pulled] = runKernel(
          'ImpflowTangentPullback',
          { u: u.on, slope: slope.on, curvature: curvature.on, tangents: tangents.on, cotangents: cotangents.on },
          { scale: -1.7 },
        );
        expect([gradient!.shape, pulled!.shape]).toEqual([
          [batch, n],
          [count, batch, n],
        ]);
        expectClose(
          pulled!,
          Float64Array.from(cotangents.values, (w, at) => w * slope.values[at % size]!),
          1e-7,
        );
        expectClose(
          gradient!,
          Float64Array.from(u.values, (x, at) => {
            let along = 0;
            for (let k = 0; k < count; k++)
              along += tangents.values[k * size + at]! * cotangents.values[k * size + at]!;
            return x * slope.values[at]! - 1.7 * curvature.values[at]! * along;
          }),
          5e-6,
        );
      }),
  );
});

describe('the results of small fused kernels agree with the operations that these kernels replace', () => {
  testAgainstOperations(wasm());
});
