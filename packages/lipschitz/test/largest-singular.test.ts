import { wasm } from '@impflow/backend-wasm';
import { kernel, key, drawNormal, normals } from '@impflow/core';
import { dense, lanczos, largestSingularValue } from '@impflow/lipschitz';
import { onBackend } from '@impflow/testkit';
import { memory, tensor, tidy, zeros, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BUILDS } from '../../testkit/private/extent.mjs';

const largestSingular = kernel<
  Readonly<Record<'weight' | 'u' | 'v', Tensor>>,
  Readonly<Record<'tolerance' | 'iterations', number>>
>('ImpflowLargestSingular');

/**
 * Runs the kernel `ImpflowLargestSingular`. Throws if the backend lacks the kernel, instead of searching on the host.
 */
const search = (
  weight: Tensor,
  u: Tensor,
  v: Tensor,
  tolerance: number,
  iterations = Infinity,
): readonly [Float32Array, Float32Array] => {
  const absent = (): readonly [Tensor, Tensor] => {
    throw new Error('ImpflowLargestSingular is not there');
  };
  const [left, right] = largestSingular.run({ weight, u, v }, { tolerance, iterations }, absent);
  return [left.dataSync() as Float32Array, right.dataSync() as Float32Array];
};

/** Returns the norm `u^T W v` that the found vectors give, in float64. */
const bilinear = (u: Float32Array, values: Float32Array, v: Float32Array): number => {
  let sum = 0;
  for (let i = 0; i < u.length; i++)
    for (let j = 0; j < v.length; j++) sum += u[i]! * values[i * v.length + j]! * v[j]!;
  return sum;
};

describe.each(BUILDS)('the kernel `ImpflowLargestSingular`, %s build', (simd) => {
  onBackend(wasm({ simd }));

  it.each([
    [128, 128],
    [2, 128],
    [128, 2],
    [1, 1],
    [1, 30],
    [30, 1],
    [37, 53],
    [53, 37],
    [300, 200],
  ])('a %d x %d weight: the norm is within the tolerance for any initial vector', (rows, columns) =>
    tidy(() => {
      const values = Float32Array.from(normals(key(16), rows * columns), (z) => z / Math.sqrt(columns));
      const weight = tensor(values, [rows, columns]);
      const truth = lanczos(
        { matrix: values, u: new Float64Array(rows), v: normals(key(17), columns) },
        { tolerance: 1e-9 },
      );
      for (const start of [
        drawNormal(key(18), [columns]),
        zeros([columns]),
        tensor(new Float32Array(columns).fill(NaN)),
      ]) {
        for (const tolerance of [1e-3, 1e-5, 1e-9]) {
          const [u, v] = search(weight, zeros([rows]), start, tolerance);
          const sigma = bilinear(u, values, v);
          expect(Math.hypot(...u)).toBeCloseTo(1, 6);
          expect(Math.hypot(...v)).toBeCloseTo(1, 6);
          expect(truth / sigma).toBeLessThan(1 + Math.max(tolerance, 1e-6));
          expect(truth / sigma).toBeGreaterThan(1 - 1e-6);
          // The residual of the search is at most the tolerance plus the rounding error of the float32 vectors.
          let square = 0;
          for (let j = 0; j < columns; j++) {
            let back = 0;
            for (let i = 0; i < rows; i++) back += values[i * columns + j]! * u[i]!;
            square += (back - sigma * v[j]!) ** 2;
          }
          expect(Math.sqrt(square)).toBeLessThanOrEqual((tolerance + 2e-6) * sigma);
        }
      }
    }),
  );

  const n = 64;
  const spectra: readonly (readonly [string, (i: number) => number])[] = [
    ['the largest singular value is 0.3 % above the others', (i) => (i === 0 ? 1.003 : 1)],
    ['20 singular values differ by at most 0.2 %', (i) => (i < 20 ? 1 - 1e-4 * i : 0.9)],
    ['all values equal', () => 1.5],
    ['rank one', (i) => (i === 5 ? 2 : 0)],
    ['huge', (i) => 1e18 * (i + 1)],
    ['tiny', (i) => 1e-18 * (i + 1)],
  ];

  it.each(spectra)('%s: the norm is found although the search starts at the second singular vector', (_name, value) =>
    tidy(() => {
      const values = Float32Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? value(at / (n + 1)) : 0));
      const second = tensor(Float32Array.from({ length: n }, (_, i) => (i === 1 ? 1 : 0)));
      const [u, v] = search(tensor(values, [n, n]), zeros([n]), second, 1e-5);
      expect(largestSingularValue(values, n, n) / bilinear(u, values, v)).toBeLessThan(1 + 1e-3);
    }),
  );

  it.each([
    ['zero', 0],
    ['NaN', NaN],
    ['infinite', Infinity],
  ])('the kernel returns the given vectors for a %s weight', (_name, fill) =>
    tidy(() => {
      const [u0, v0] = [drawNormal(key(19), [3]), drawNormal(key(20), [4])];
      const [u, v] = search(tensor(new Float32Array(12).fill(fill), [3, 4]), u0, v0, 1e-5);
      expect([[...u], [...v]]).toEqual([[...u0.dataSync()], [...v0.dataSync()]]);
    }),
  );

  it('the kernel stops after the given number of iterations', () =>
    tidy(() => {
      const values = Float32Array.from(normals(key(24), 400));
      const found = [1, 3, 40].map((iterations) => {
        const [u, v] = search(tensor(values, [20, 20]), zeros([20]), drawNormal(key(25), [20]), 1e-9, iterations);
        return bilinear(u, values, v);
      });
      expect(found[1]! / found[0]!).toBeGreaterThan(1);
      expect(found[2]! / found[1]!).toBeGreaterThan(1);
      expect(found[2]! / largestSingularValue(values, 20, 20)).toBeCloseTo(1, 6);
    }));

  it('with the kernel, a dense layer keeps its cap and leaves no tensor undisposed', () =>
    tidy(() => {
      const layer = dense({ inputs: 30, outputs: 40, coeff: 0.5, key: key(21) });
      const weight = layer.parameters['weight'] as Variable;
      weight.assign(drawNormal(key(22), [40, 30]));
      const before = memory().numTensors;
      layer.refresh!({ tolerance: 1e-5 });
      expect(memory().numTensors).toBe(before);
      const values = weight.dataSync() as Float32Array;
      const sigma = bilinear(
        layer.buffers['u']!.dataSync() as Float32Array,
        values,
        layer.buffers['v']!.dataSync() as Float32Array,
      );
      expect(largestSingularValue(values, 40, 30) / sigma).toBeLessThan(1 + 1e-5);
    }));
});
