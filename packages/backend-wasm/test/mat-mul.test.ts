import { wasm } from '@impflow/backend-wasm';
import { onBackend } from '@impflow/testkit';
import { engine, fused, matMul, memory, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BUILDS } from '../../testkit/private/extent.mjs';

type Matrix = { readonly shape: readonly number[]; readonly values: Float32Array };

let seed = 1;
const random = (...shape: number[]): Matrix => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((p, q) => p * q, 1) }, () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 1073741824 - 1;
  }),
});
const on = ({ shape, values }: Matrix): Tensor => tensor(values, [...shape]);

/**
 * Returns the largest error against float64, divided by a bound on the rounding error. `at` returns for the `i`-th
 * matrix product the indices of its two factors.
 */
const errorOf = (
  c: Float32Array,
  a: Matrix,
  b: Matrix,
  transposeA: boolean,
  transposeB: boolean,
  at: (i: number) => readonly [number, number] = () => [0, 0],
  count = 1,
): number => {
  const [p, q] = a.shape.slice(-2) as [number, number],
    [r, s] = b.shape.slice(-2) as [number, number];
  const [m, depth, n] = [transposeA ? q : p, transposeA ? p : q, transposeB ? r : s];
  if (c.length !== count * m * n) return Infinity;
  let worst = 0;
  for (let batch = 0; batch < count; batch++) {
    const [ia, ib] = at(batch);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let exact = 0,
          scale = 0;
        for (let k = 0; k < depth; k++) {
          const term =
            a.values[ia * p * q + (transposeA ? k * m + i : i * depth + k)]! *
            b.values[ib * r * s + (transposeB ? j * depth + k : k * n + j)]!;
          exact += term;
          scale += Math.abs(term);
        }
        const error = Math.abs(c[(batch * m + i) * n + j]! - exact) / ((depth + 1) * 2 ** -24 * scale + 1e-38);
        worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
      }
    }
  }
  return worst;
};

const FLAGS = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;
const SIZES: readonly (readonly [number, number, number])[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap(
    (n) =>
      [
        [n, 3, 5],
        [5, n, 3],
        [3, 5, n],
        [n, n, n],
        [12, n, 17],
      ] as const,
  ),
  [12, 15, 16],
  [17, 12, 15],
  [31, 32, 33],
  [33, 31, 8],
  [8, 33, 31],
  [127, 128, 129],
  [129, 127, 128],
  [128, 129, 127],
  [250, 128, 128],
  [128, 250, 128],
  [250, 2, 128],
  [250, 128, 2],
  [128, 250, 2],
  [2, 250, 128],
  [250, 43, 6],
  [43, 250, 6],
  // Products with few rows or columns and a depth of at least 16 use special kernels.
  ...[1, 2, 3, 4].flatMap(
    (n) =>
      [
        [33, 20, n],
        [6, 19, n],
        [61, 600, n],
      ] as const,
  ),
  ...[1, 2].flatMap(
    (n) =>
      [
        [n, 40, 37],
        [n, 300, 16],
        [n, 17, 45],
        [37, 41, n],
      ] as const,
  ),
  [1, 600, 1],
  [600, 1, 1],
  [1, 1, 600],
  [7, 513, 17],
  [25, 257, 24],
  ...[1, 2, 3, 4, 5, 6].map((depth) => [61, depth, 24] as const),
  [31, 2, 1032],
  [5, 3, 1030],
  [30, 256, 520],
];

describe.each(BUILDS)('products with the %s build', (simd) => {
  onBackend(wasm({ simd }));

  it.each(FLAGS)('matrix products of all sizes agree with float64, transposed: %s, %s', (transposeA, transposeB) => {
    for (const [m, depth, n] of SIZES) {
      const a = transposeA ? random(depth, m) : random(m, depth),
        b = transposeB ? random(n, depth) : random(depth, n);
      expect(
        errorOf(
          tidy(() => matMul(on(a), on(b), transposeA, transposeB).dataSync()) as Float32Array,
          a,
          b,
          transposeA,
          transposeB,
        ),
      ).toBeLessThanOrEqual(1);
    }
  });

  it.each(FLAGS)('matrix products broadcast their leading dimensions, transposed: %s, %s', (transposeA, transposeB) => {
    const cases: readonly (readonly [number[], number[], number[], (i: number) => readonly [number, number]])[] = [
      [[3], [3], [3], (i) => [i, i]],
      [[3], [1], [3], (i) => [i, 0]],
      [[1], [3], [3], (i) => [0, i]],
      [[], [3], [3], (i) => [0, i]],
      [[2, 3], [], [2, 3], (i) => [i, 0]],
      [[2, 3], [3], [2, 3], (i) => [i, i % 3]],
      [[2, 1], [1, 3], [2, 3], (i) => [Math.floor(i / 3), i % 3]],
      [[2, 1, 2], [3, 1], [2, 3, 2], (i) => [2 * Math.floor(i / 6) + (i % 2), Math.floor(i / 2) % 3]],
    ];
    for (const [leadA, leadB, lead, at] of cases) {
      const a = random(...leadA, ...(transposeA ? [4, 7] : [7, 4])),
        b = random(...leadB, ...(transposeB ? [9, 4] : [4, 9]));
      const c = matMul(on(a), on(b), transposeA, transposeB);
      expect(c.shape).toEqual([...lead, 7, 9]);
      expect(
        errorOf(
          c.dataSync() as Float32Array,
          a,
          b,
          transposeA,
          transposeB,
          at,
          lead.reduce((p, q) => p * q, 1),
        ),
      ).toBeLessThanOrEqual(1);
      c.dispose();
    }
  });

  it.each(FLAGS)(
    'matrix products propagate NaN and Infinity as IEEE 754 requires, transposed: %s, %s',
    (transposeA, transposeB) =>
      tidy(() => {
        // NaN times zero is NaN. Rows and columns without NaN do not change.
        const values = new Float32Array(49).fill(0);
        values[0] = NaN;
        values[8] = Infinity;
        const c = matMul(
          tensor(values, [7, 7]),
          tensor(new Float32Array(49).fill(0), [7, 7]),
          transposeA,
          transposeB,
        ).dataSync();
        for (let i = 0; i < 49; i++) expect(c[i]).toEqual(i < 14 ? NaN : 0);
        const d = matMul(
          tensor(values, [7, 7]),
          tensor(new Float32Array(49).fill(1), [7, 7]),
          transposeA,
          transposeB,
        ).dataSync();
        for (let i = 0; i < 49; i++) expect(d[i]).toEqual(i < 7 ? NaN : i < 14 ? Infinity : 0);
      }),
  );

  it('matrix products with depth 0 are zero, and products of empty matrices are empty', () =>
    tidy(() => {
      expect([...matMul(tensor([], [7, 0]), tensor([], [0, 9])).dataSync()]).toEqual(
        Array.from({ length: 63 }, () => 0),
      );
      expect(matMul(tensor([], [0, 3]), on(random(3, 4))).shape).toEqual([0, 4]);
      expect(matMul(on(random(4, 3)), tensor([], [0, 3]), false, true).shape).toEqual([4, 0]);
      expect(matMul(tensor([], [0, 2, 3]), on(random(3, 4))).shape).toEqual([0, 2, 4]);
    }));

  it('matrix products of wrong shapes throw', () => {
    expect(() => tidy(() => matMul(on(random(2, 3)), on(random(4, 5))))).toThrow(/inner shapes/);
  });

  it('matrix products leak no memory', () => {
    const a = on(random(4, 4)),
      b = on(random(4, 4));
    const backend = engine().backend as unknown as { numDataIds(): number };
    const before = [memory().numTensors, backend.numDataIds()];
    for (let i = 0; i < 3; i++) {
      matMul(a, b).dispose();
      fused.matMul({ a: a as never, b: b as never, activation: 'sigmoid' }).dispose();
    }
    expect([memory().numTensors, backend.numDataIds()]).toEqual(before);
    a.dispose();
    b.dispose();
  });

  describe('matrix products with a fused bias and activation', () => {
    const ACTIVATIONS: Readonly<Record<string, (v: number, j: number) => number>> = {
      linear: (v) => v,
      relu: (v) => Math.max(v, 0),
      relu6: (v) => Math.min(Math.max(v, 0), 6),
      leakyrelu: (v) => (v < 0 ? 0.3 * v : v),
      elu: (v) => (v < 0 ? Math.expm1(v) : v),
      sigmoid: (v) => 1 / (1 + Math.exp(-v)),
      prelu: (v, j) => (v < 0 ? 0.1 * (j + 1) * v : v),
    };
    it.each(Object.entries(ACTIVATIONS))('%s', (activation, value) => {
      for (const [transposeA, transposeB] of FLAGS) {
        const a = random(...(transposeA ? [17, 13] : [13, 17])),
          b = random(...(transposeB ? [11, 17] : [17, 11])),
          bias = random(11);
        const c = tidy(() =>
          fused
            .matMul({
              a: on(a) as never,
              b: on(b) as never,
              transposeA,
              transposeB,
              bias: on(bias),
              activation: activation as 'relu',
              leakyreluAlpha: 0.3,
              ...(activation === 'prelu'
                ? { preluActivationWeights: tensor(Array.from({ length: 11 }, (_, j) => 0.1 * (j + 1))) }
                : {}),
            })
            .dataSync(),
        );
        for (let i = 0; i < 13; i++) {
          for (let j = 0; j < 11; j++) {
            let sum = bias.values[j]!;
            for (let k = 0; k < 17; k++)
              sum += a.values[transposeA ? k * 13 + i : i * 17 + k]! * b.values[transposeB ? j * 17 + k : k * 11 + j]!;
            expect(c[i * 11 + j]).toBeCloseTo(value(sum, j), 5);
          }
        }
      }
    });

    it('fused products work without a bias and over a batch, and relu of NaN is NaN', () =>
      tidy(() => {
        const a = random(3, 5, 6),
          b = random(3, 6, 7);
        expect(
          errorOf(
            fused.matMul({ a: on(a) as never, b: on(b) as never, activation: 'linear' }).dataSync() as Float32Array,
            a,
            b,
            false,
            false,
            (i) => [i, i],
            3,
          ),
        ).toBeLessThanOrEqual(1);
        expect([
          ...fused
            .matMul({
              a: tensor([NaN, -1, Infinity, -Infinity, 2], [5, 1]),
              b: tensor([1], [1, 1]),
              activation: 'relu',
            })
            .dataSync(),
        ]).toEqual([NaN, 0, Infinity, 0, 2]);
      }));
  });
});
