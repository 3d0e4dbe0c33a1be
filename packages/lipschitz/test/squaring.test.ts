import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { key, drawNormal, normals, scoped } from '@impflow/core';
import { largestBySquaring, largestSingularValue } from '@impflow/lipschitz';
import { onBackend } from '@impflow/testkit';
import { tensor, tidy, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

/** Returns the norm `u^T W v` that the unit vectors of the search give, in float64. */
const found = (
  values: Float32Array,
  [rows, columns]: readonly [number, number],
  start: Tensor,
  tolerance: number,
): number =>
  scoped(() => {
    const [u, v] = largestBySquaring(
      tensor(values, [rows, columns]),
      start.size === rows && rows < columns ? start : zeros([rows]),
      start.size === columns ? start : zeros([columns]),
      tolerance,
    ).map((x) => x.dataSync<'float32'>());
    expect(Math.hypot(...u!)).toBeCloseTo(1, 5);
    expect(Math.hypot(...v!)).toBeCloseTo(1, 5);
    let sum = 0;
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) sum += u![i]! * values[i * columns + j]! * v![j]!;
    return sum;
  });

describe.each([
  ['cpu', cpu],
  ['wasm', wasm],
] as const)('`largestBySquaring` on %s', (_name, adapter) => {
  onBackend(adapter());

  it.each([
    [128, 128],
    [2, 128],
    [128, 2],
    [1, 1],
    [1, 30],
    [30, 1],
    [37, 53],
  ] as const)('a %d x %d weight: the norm is within the tolerance for any initial vector', (rows, columns) =>
    tidy(() => {
      const values = Float32Array.from(normals(key(16), rows * columns));
      const truth = largestSingularValue(values, rows, columns);
      const size = Math.min(rows, columns);
      for (const start of [drawNormal(key(18), [size]), zeros([size]), tensor(new Float32Array(size).fill(NaN))]) {
        expect(Math.abs(found(values, [rows, columns], start, 1e-3) / truth - 1)).toBeLessThan(1e-3);
        expect(Math.abs(found(values, [rows, columns], start, 1e-5) / truth - 1)).toBeLessThan(1e-5);
      }
    }),
  );

  const n = 64;
  const spectra: readonly (readonly [string, (i: number) => number])[] = [
    ['the largest singular value is 0.3 % above the others', (i) => (i === 0 ? 1.003 : 1)],
    ['20 singular values differ by at most 0.2 %', (i) => (i < 20 ? 1 - 1e-4 * i : 0.9)],
    ['all values equal', () => 1.5],
    ['rank one', (i) => (i === 5 ? 2 : 0)],
    ['huge', (i) => 1e30 * (i + 1)],
    ['tiny', (i) => 1e-30 * (i + 1)],
  ];

  it.each(spectra)('%s: the norm is found although the search starts at the second singular vector', (_case, value) =>
    tidy(() => {
      const values = Float32Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? value(at / (n + 1)) : 0));
      const second = tensor(Float32Array.from({ length: n }, (_, i) => (i === 1 ? 1 : 0)));
      expect(largestSingularValue(values, n, n) / found(values, [n, n], second, 1e-5)).toBeLessThan(1 + 1e-4);
      expect(largestSingularValue(values, n, n) / found(values, [n, n], second, 1e-3)).toBeLessThan(1 + 3.1e-3);
    }),
  );

  it.each([
    ['zero', 0],
    ['NaN', NaN],
    ['infinite', Infinity],
  ])('`largestBySquaring` returns the given vectors for a %s weight', (_case, fill) =>
    tidy(() => {
      const [u0, v0] = [drawNormal(key(19), [3]), drawNormal(key(20), [4])];
      const [u, v] = largestBySquaring(tensor(new Float32Array(12).fill(fill), [3, 4]), u0, v0, 1e-5);
      expect([[...u.dataSync()], [...v.dataSync()]]).toEqual([[...u0.dataSync()], [...v0.dataSync()]]);
    }),
  );
});
