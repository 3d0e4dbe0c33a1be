import { key, normals } from '@impflow/core';
import { lanczos, largestSingularValue } from '@impflow/lipschitz';
import { describe, expect, it } from 'vitest';

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((total, x, i) => total + x * b[i]!, 0);

/** Returns orthonormal vectors of length `n`, by running Gram-Schmidt twice. */
const orthonormal = (seed: number, n: number, count: number): Float64Array[] => {
  const draw = normals(key(seed), n * count);
  const basis: Float64Array[] = [];
  for (let k = 0; k < count; k++) {
    let x: Float64Array = draw.slice(k * n, (k + 1) * n);
    for (let pass = 0; pass < 2; pass++)
      for (const other of basis) {
        const along = dot(x, other);
        x = x.map((entry, i) => entry - along * other[i]!);
      }
    const norm = Math.sqrt(dot(x, x));
    basis.push(x.map((entry) => entry / norm));
  }
  return basis;
};

/** Returns a matrix with given singular values; `right[i]` is the right singular vector of `values[i]`. */
const withValues = (rows: number, columns: number, values: readonly number[], seed: number) => {
  const left = orthonormal(seed, rows, values.length);
  const right = orthonormal(seed + 1, columns, values.length);
  const matrix = new Float64Array(rows * columns);
  for (const [k, value] of values.entries()) {
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++)
        matrix[i * columns + j] = matrix[i * columns + j]! + value * left[k]![i]! * right[k]![j]!;
  }
  return { matrix, rows, columns, values, left, right };
};

type Case = ReturnType<typeof withValues> & { readonly name: string; readonly start?: Float64Array };

const range = (count: number, f: (i: number) => number): number[] => Array.from({ length: count }, (_, i) => f(i));
const clustered = withValues(
  128,
  128,
  range(128, (i) => (i < 40 ? 1 - (1e-3 * i) / 40 : 0.95 * (1 - i / 128))),
  10,
);
const gapped = withValues(
  128,
  128,
  range(128, (i) => (i === 0 ? 1.003 : i < 60 ? 1 : 0.9)),
  20,
);
const narrow = withValues(
  128,
  128,
  range(128, (i) => (i === 0 ? 1.0015 : 1)),
  22,
);
const decaying = withValues(
  60,
  90,
  range(60, (i) => 5 * 0.9 ** i),
  30,
);

const cases: readonly Case[] = [
  { name: '40 singular values differ by at most 0.1 %', ...clustered },
  {
    name: 'the largest singular value is 0.3 % above the next, start at the second singular vector',
    ...gapped,
    start: gapped.right[1]!,
  },
  {
    name: '40 singular values differ by at most 0.1 %, start at the 40th singular vector',
    ...clustered,
    start: clustered.right[39]!,
  },
  {
    name: 'the largest singular value is 0.15 % above 127 equal values, start at the sixth singular vector',
    ...narrow,
    start: narrow.right[5]!,
  },
  { name: 'start at the least singular vector', ...decaying, start: decaying.right[59]! },
  { name: 'start at the leading singular vector', ...decaying, start: decaying.right[0]! },
  { name: '2 x 128', ...withValues(2, 128, [3, 2.999], 40) },
  { name: '128 x 2', ...withValues(128, 2, [3, 2.999], 50) },
  { name: '1 x 1', ...withValues(1, 1, [0.3], 60) },
  { name: '1 x 30', ...withValues(1, 30, [4], 70) },
  { name: '30 x 1', ...withValues(30, 1, [4], 80) },
  { name: 'rank one', ...withValues(64, 64, [2], 90) },
  {
    name: 'all values equal',
    ...withValues(
      50,
      50,
      range(50, () => 1.5),
      100,
    ),
  },
  {
    name: 'huge',
    ...withValues(
      20,
      20,
      range(20, (i) => 1e20 * (i + 1)),
      110,
    ),
  },
];

describe('`lanczos`', () => {
  it.each(cases)(
    '$name: the norm of the capped weight stays below the cap',
    ({ matrix, rows, columns, values, start }) => {
      const truth = largestSingularValue(matrix, rows, columns);
      expect(Math.abs(truth / Math.max(...values) - 1)).toBeLessThan(1e-12);
      for (const first of [start, normals(key(7), columns)].filter((v) => v !== undefined)) {
        const norm = Math.hypot(...first);
        const iterate = { matrix: Float32Array.from(matrix), u: new Float64Array(rows), v: first.map((x) => x / norm) };
        const sigma = lanczos(iterate, { tolerance: 1e-5 });
        // u and v are unit vectors, and u^T W v is the returned number.
        let bilinear = 0;
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++) bilinear += iterate.u[i]! * matrix[i * columns + j]! * iterate.v[j]!;
        expect(dot(iterate.u, iterate.u)).toBeCloseTo(1, 12);
        expect(dot(iterate.v, iterate.v)).toBeCloseTo(1, 12);
        expect(Math.abs(bilinear / sigma - 1)).toBeLessThan(1e-6);
        // With the cap c, W becomes W / (sigma / c). The norm of this matrix is c truth / sigma, where truth is the
        // exact norm of W.
        expect(truth / sigma).toBeLessThan(1 + 1e-3);
        expect(truth / sigma).toBeGreaterThan(1 - 1e-6);
      }
    },
  );

  it('`lanczos` finds the norm to 0.1 % for 200 random spectra and initial vectors', () => {
    let worst = 0;
    for (let seed = 0; seed < 200; seed++) {
      const values = Array.from(normals(key(1000 + seed), 24), (z) => 1 + 0.002 * Math.abs(z));
      const { matrix, rows, right } = withValues(24, 30, values, 2000 + 2 * seed);
      const iterate = { matrix, u: new Float64Array(rows), v: right[seed % 24]!.slice() };
      worst = Math.max(worst, Math.max(...values) / lanczos(iterate, { tolerance: 1e-5 }) - 1);
    }
    expect(worst).toBeLessThan(1e-3);
  });

  it.each([
    ['zero', 0],
    ['NaN', NaN],
    ['infinite', Infinity],
  ])('`lanczos` leaves the vectors unchanged for a %s matrix', (_name, fill) => {
    const iterate = {
      matrix: new Float32Array(12).fill(fill),
      u: Float64Array.of(1, 0, 0),
      v: Float64Array.of(0, 1, 0, 0),
    };
    expect(lanczos(iterate)).toBe(0);
    expect([[...iterate.u], [...iterate.v]]).toEqual([
      [1, 0, 0],
      [0, 1, 0, 0],
    ]);
  });

  it('`lanczos` finds the norm although its initial vectors are not finite', () => {
    const iterate = { matrix: Float64Array.of(3, 0, 0, 4), u: Float64Array.of(NaN, 0), v: Float64Array.of(NaN, NaN) };
    expect(lanczos(iterate)).toBeCloseTo(4, 10);
  });
});
