import { key, normals, type BackendAdapter } from '@impflow/core';
import { logAbsDet, onBackend } from '@impflow/testkit';
import { memory, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { runKernel } from './run-kernel.ts';

/** Runs a kernel, and returns the outputs of the kernel as arrays. */
const kernel = (name: string, inputs: Readonly<Record<string, Tensor>>, attributes?: object): readonly Float32Array[] =>
  runKernel(name, inputs, attributes).map((x) => {
    const values = x.dataSync<'float32'>() as Float32Array;
    x.dispose();
    return values;
  });

const draw = (seed: number, size: number, scale = 1): Float32Array =>
  Float32Array.from(normals(key(seed), size), (z) => scale * z);
const on = (values: Float32Array, ...shape: number[]): Tensor => tensor(values, shape);

/**
 * Returns Jacobians of maps with Lipschitz constant below one. The magnitudes of each row and of each column sum up to
 * at most 0.9.
 */
const jacobians = (seed: number, batch: number, d: number): Float32Array =>
  draw(seed, batch * d * d).map((z) => (0.9 * Math.tanh(z)) / d);

/** Returns the matrices `I + J` of all samples, one after the other. */
const matrices = (seed: number, batch: number, d: number): Float32Array =>
  jacobians(seed, batch, d).map((x, at) => x + ((at % (d * d)) % (d + 1) === 0 ? 1 : 0));

/**
 * Returns the error, divided by the magnitude of the expected number if this magnitude is above 1. The result is 0 for
 * equal infinities, and NaN if a number is NaN.
 */
const off = (found: number, expected: number): number =>
  found === expected ? 0 : Math.abs(found - expected) / Math.max(1, Math.abs(expected));

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
const total = (n: number, term: (i: number) => number): number => range(n).reduce((sum, i) => sum + term(i), 0);

const sizes = [1, 2, 3, 6, 8, 16].flatMap((d) =>
  [1, 3, 4, 5, ...(d <= 6 ? [500] : [])].map((batch) => [batch, d] as const),
);

/** Solves `a^T u = rhs` by the kernel, whose input is `a - I`. With `rtol` 1, the tolerance is `1 + |u|`. */
const transposedSolve = (a: Float32Array, rhs: Float32Array, batch: number, d: number): readonly Float32Array[] =>
  kernel(
    'ImpflowTransposedSolve',
    {
      jacobian: on(
        a.map((x, at) => x - ((at % (d * d)) % (d + 1) === 0 ? 1 : 0)),
        batch,
        d,
        d,
      ),
      rhs: on(rhs, batch, d),
    },
    { rtol: 1 },
  );

/**
 * For each kernel, a function that runs the kernel on a batch and returns one list of results per sample. `spoil`
 * changes the inputs.
 */
const perSample: Readonly<
  Record<
    string,
    (batch: number, d: number, spoil: (x: Float32Array, size: number) => Float32Array) => readonly (readonly number[])[]
  >
> = {
  ImpflowLogDet: (batch, d, spoil) => {
    const a = spoil(matrices(1, batch, d), d * d);
    const tangents = Float32Array.from(
      { length: a.length },
      (_, at) =>
        a[(Math.floor(at / d) % batch) * d * d + Math.floor(at / (batch * d)) + (at % d) * d]! -
        (Math.floor(at / (batch * d)) === at % d ? 1 : 0),
    );
    const [value, gradient] = kernel('ImpflowLogDet', { tangents: on(tangents, d, batch, d) });
    return range(batch).map((b) => [
      value![b]!,
      ...range(d * d).map((at) => gradient![(Math.floor(at / d) * batch + b) * d + (at % d)]!),
    ]);
  },
  ImpflowTransposedSolve: (batch, d, spoil) => {
    const [u, evidence] = transposedSolve(spoil(matrices(2, batch, d), d * d), draw(3, batch * d), batch, d);
    return range(batch).map((b) => [
      ...u!.subarray(b * d, (b + 1) * d),
      ...range(4).map((part) => evidence![part * batch + b]!),
    ]);
  },
  ImpflowQuasiNewton: (batch, d, spoil) => {
    const vector = (seed: number): Tensor => on(draw(seed, batch * d), batch, d);
    const [next, step] = kernel('ImpflowQuasiNewton', {
      inverse: on(spoil(matrices(4, batch, d), d * d), batch, d, d),
      dy: vector(5),
      dF: vector(6),
      image: vector(7),
    });
    return range(batch).map((b) => [
      ...next!.subarray(b * d * d, (b + 1) * d * d),
      ...step!.subarray(b * d, (b + 1) * d),
    ]);
  },
};

/** Compares the kernels for low dimensions with closed forms in float64, on a backend that has these kernels. */
export const testLowDimension = (adapter: BackendAdapter): void => {
  onBackend(adapter);

  it.each([...sizes, ...[17, 40, 63, 128].flatMap((d) => [1, 5].map((batch) => [batch, d] as const))])(
    'the log-determinant and its gradient agree with float64: B = %d, d = %d',
    (batch, d) =>
      tidy(() => {
        const tangents = jacobians(10, batch, d);
        const [value, gradient] = kernel('ImpflowLogDet', { tangents: on(tangents, d, batch, d) });
        const offs = range(batch).map((b) => {
          const a = range(d).map((i) => range(d).map((k) => tangents[(k * batch + b) * d + i]! + (i === k ? 1 : 0)));
          // The product (I + J) (I + J)^-1 must be the identity.
          const products = range(d * d)
            .map((at) => [Math.floor(at / d), at % d] as const)
            .map(([i, j]) =>
              off(
                total(d, (k) => a[i]![k]! * gradient![(k * batch + b) * d + j]!),
                i === j ? 1 : 0,
              ),
            );
          return { value: off(value![b]!, logAbsDet(a)), gradient: Math.max(...products) };
        });
        expect(Math.max(...offs.map((each) => each.value))).toBeLessThan(2e-6 * d);
        expect(Math.max(...offs.map((each) => each.gradient))).toBeLessThan(3e-6);
      }),
  );

  it.each([
    [5, 3, 2],
    [3, 16, 16],
    [5, 40, 1],
    [2, 63, 3],
    [1, 128, 1],
  ])('elimination agrees with float64: B = %d, d = %d, %d right-hand sides', (batch, d, k) =>
    tidy(() => {
      const [a, rhs] = [matrices(11, batch, d), draw(12, batch * d * k)];
      const [solution, value] = kernel('ImpflowEliminate', { a: on(a, batch, d, d), rhs: on(rhs, batch, d, k) });
      for (const b of range(batch)) {
        const matrix = range(d).map((i) => Array.from(a.subarray((b * d + i) * d, (b * d + i + 1) * d)));
        expect(off(value![b]!, logAbsDet(matrix))).toBeLessThan(2e-6 * d);
        // The product of the matrix and the solution must be the right-hand side.
        for (const [i, j] of range(d * k).map((at) => [Math.floor(at / k), at % k] as const)) {
          const product = total(d, (c) => matrix[i]![c]! * solution![(b * d + c) * k + j]!);
          expect(off(product, rhs[(b * d + i) * k + j]!)).toBeLessThan(1e-5);
        }
      }
    }),
  );

  it('the log-determinant is correct over the whole range of float32, and NaN if a pivot is not positive', () =>
    tidy(() => {
      const values = Float32Array.of(-0.99, 1e-3, 1, 1e20, 3.4e38, Infinity, -1, -2, -Infinity, NaN);
      const [value] = kernel('ImpflowLogDet', { tangents: on(values, 1, 10, 1) });
      expect(Math.max(...[...values.subarray(0, 6)].map((x, i) => off(value![i]!, Math.log(1 + x))))).toBeLessThan(
        1e-7,
      );
      expect(value!.slice(6).every(Number.isNaN)).toBe(true);
      // Sixteen pivots whose product overflows float64, and two negative pivots whose product is positive.
      const [big] = kernel('ImpflowLogDet', {
        tangents: on(
          Float32Array.from({ length: 256 }, (_, at) => (at % 17 === 0 ? 1e38 : 0)),
          16,
          1,
          16,
        ),
      });
      expect(off(big![0]!, 16 * Math.log(1e38))).toBeLessThan(1e-6);
      expect(kernel('ImpflowLogDet', { tangents: on(Float32Array.of(-2, 0, 0, -2), 2, 1, 2) })[0]![0]).toBeNaN();
    }));

  it.each(sizes)('transposed solve: solution and residual agree with float64, B = %d, d = %d', (batch, d) =>
    tidy(() => {
      const [a, rhs] = [matrices(11, batch, d), draw(12, batch * d)];
      // The right-hand sides are gradients, which can have any magnitude.
      for (let at = 0; at < rhs.length; at++) rhs[at]! *= [1, 1e-12, 1e9][Math.floor(at / d) % 3]!;
      const [u, evidence] = transposedSolve(a, rhs, batch, d);
      for (let b = 0; b < batch; b++) {
        const length = Math.hypot(...rhs.subarray(b * d, (b + 1) * d));
        const rest =
          Math.hypot(
            ...range(d).map((j) => total(d, (i) => a[(b * d + i) * d + j]! * u![b * d + i]!) - rhs[b * d + j]!),
          ) / length;
        expect(rest).toBeLessThan(1e-6);
        const [residual, tolerance, latest, limit] = range(4).map((part) => evidence![part * batch + b]!);
        expect(residual).toBeLessThan(1e-6);
        expect(off(tolerance!, 1 + Math.hypot(...u!.subarray(b * d, (b + 1) * d)) / length)).toBeLessThan(2e-6);
        expect([latest, limit]).toEqual([residual, Infinity]);
      }
    }),
  );

  it('transposed solve: the residual is 0 for a right-hand side of zeros, and not finite for an infinite right-hand side', () =>
    tidy(() => {
      const a = Float32Array.from([2, 1, 0, 4, 2, 1, 0, 4, 2, 1, 0, 4]);
      const [u, evidence] = transposedSolve(a, Float32Array.of(0, 0, Infinity, 1, 2, 5), 3, 2);
      // Residual and tolerance of the first sample.
      expect([...u!.slice(0, 2), evidence![0], evidence![3]]).toEqual([0, 0, 0, 1]);
      expect(Number.isFinite(evidence![1])).toBe(false);
      expect(Math.max(off(u![4]!, 1), off(u![5]!, 1))).toBeLessThan(1e-6);
    }));

  it.each(sizes)('Broyden update: inverse and step agree with float64, B = %d, d = %d', (batch, d) =>
    tidy(() => {
      const [inverse, dy, image] = [matrices(13, batch, d), draw(14, batch * d), draw(15, batch * d)];
      // The change dF of the function value is close to the step dy, so that the denominator of the update is far from
      // zero. In every third sample dF and the denominator are exactly zero.
      const dF = draw(16, batch * d, 0.2 / Math.sqrt(d)).map((x, at) =>
        Math.floor(at / d) % 3 === 2 ? 0 : x + dy[at]!,
      );
      const [next, step] = kernel('ImpflowQuasiNewton', {
        inverse: on(inverse, batch, d, d),
        dy: on(dy, batch, d),
        dF: on(dF, batch, d),
        image: on(image, batch, d),
      });
      const offs = range(batch).flatMap((b) => {
        const h = (i: number, j: number): number => inverse[(b * d + i) * d + j]!;
        const v = range(d).map((j) => total(d, (i) => dy[b * d + i]! * h(i, j)));
        const denominator = total(d, (j) => v[j]! * dF[b * d + j]!);
        const scale =
          denominator === 0
            ? 1
            : Math.max(1, (Math.hypot(...dy.subarray(b * d, (b + 1) * d)) * Math.hypot(...v)) / Math.abs(denominator));
        return range(d).flatMap((i) => {
          const u = denominator === 0 ? 0 : (dy[b * d + i]! - total(d, (j) => h(i, j) * dF[b * d + j]!)) / denominator;
          const row = range(d).map((j) => h(i, j) + u * v[j]!);
          const entries = row.map((x, j) => off(next![(b * d + i) * d + j]!, x));
          return [...entries, off(step![b * d + i]!, -total(d, (j) => row[j]! * image[b * d + j]!)) / d].map(
            (each) => each / scale,
          );
        });
      });
      expect(Math.max(...offs)).toBeLessThan(1e-5);
      const stuck = (x: Float32Array): readonly number[] =>
        [...x].filter((_, at) => Math.floor(at / (d * d)) % 3 === 2);
      expect(stuck(next!)).toEqual(stuck(inverse));
    }),
  );

  it('Broyden update: orthogonal vectors, tiny vectors and NaN leave the inverse unchanged', () =>
    tidy(() => {
      const inverse = Float32Array.from(range(4).flatMap(() => [1, 2, 0, 3]));
      // `v` is dy^T H, where H is the inverse Jacobian.
      const [next, step] = kernel('ImpflowQuasiNewton', {
        inverse: on(inverse, 4, 2, 2),
        dy: on(Float32Array.of(1, 0, 1e-20, 0, 1, 1, 0, 0), 4, 2),
        dF: on(Float32Array.of(2, -1, 1e-20, 0, NaN, 1, 0, 0), 4, 2),
        image: on(Float32Array.of(1, 1, 1, 1, 1, 1, 1, 1), 4, 2),
      });
      expect([...next!]).toEqual([...inverse]);
      expect([...step!]).toEqual(range(4).flatMap(() => [-3, -3]));
    }));

  it.each(
    Object.keys(perSample).flatMap(
      (name) =>
        [
          [name, 5, 2],
          [name, 8, 3],
          [name, 7, 16],
        ] as const,
    ),
  )('%s: NaN or infinity in one sample does not change the other samples, B = %d, d = %d', (name, batch, d) => {
    const run = perSample[name]!;
    const clean = run(batch, d, (x) => x);
    for (const wrong of [NaN, Infinity, -Infinity, -1e30]) {
      for (const bad of [0, 2, batch - 1]) {
        const found = run(batch, d, (x, size) => x.map((value, at) => (Math.floor(at / size) === bad ? wrong : value)));
        expect(found.toSpliced(bad, 1)).toEqual(clean.toSpliced(bad, 1));
        expect(found[bad]).not.toEqual(clean[bad]);
      }
    }
  });

  it('the squared norm is the sum of the squares of all elements of any number of tensors', () =>
    tidy(() => {
      for (const shapes of [[[]], [[1]], [[7], [0], [3, 5]], [[128, 128], [128], [2, 128], []], [[1000, 37]]]) {
        const parts = shapes.map((shape, i) => ({
          shape,
          values: draw(
            20 + i,
            shape.reduce((n, size) => n * size, 1),
            10 ** i,
          ),
        }));
        const [found] = kernel(
          'ImpflowSquaredNorm',
          Object.fromEntries(parts.map(({ shape, values }, i) => [i, on(values, ...shape)])),
        );
        const exact = parts.reduce((sum, { values }) => sum + values.reduce((squares, x) => squares + x * x, 0), 0);
        expect(off(found![0]!, exact)).toBeLessThan(7e-8);
      }
      expect(
        kernel('ImpflowSquaredNorm', { 0: on(Float32Array.of(1, NaN), 2), 1: on(Float32Array.of(2), 1) })[0]![0],
      ).toBeNaN();
      expect(kernel('ImpflowSquaredNorm', { 0: on(Float32Array.of(1, -Infinity), 2) })[0]![0]).toBe(Infinity);
      // The squares of these numbers are outside the range of float32, but their sum is within it.
      expect(
        kernel('ImpflowSquaredNorm', { 0: on(new Float32Array(1e6).fill(1e-22), 1e6) })[0]![0]! / 1e-38,
      ).toBeCloseTo(1, 5);
    }));

  it('the kernels for low dimensions return empty results for empty batches, and leak no tensor', () => {
    const before = memory().numTensors;
    tidy(() => {
      const none = (...shape: number[]): Tensor => on(new Float32Array(0), ...shape);
      expect(kernel('ImpflowLogDet', { tangents: none(2, 0, 2) }).map(({ length }) => length)).toEqual([0, 0]);
      expect(
        kernel('ImpflowTransposedSolve', { jacobian: none(0, 2, 2), rhs: none(0, 2) }, { rtol: 1 }).map(
          ({ length }) => length,
        ),
      ).toEqual([0, 0]);
      expect(
        kernel('ImpflowQuasiNewton', { inverse: none(0, 2, 2), dy: none(0, 2), dF: none(0, 2), image: none(0, 2) }).map(
          ({ length }) => length,
        ),
      ).toEqual([0, 0]);
    });
    expect(memory().numTensors).toBe(before);
  });
};

/** Tests the kernel that computes the Euclidean norm of each sample of a batch. */
export const testSampleNorm = (adapter: BackendAdapter): void => {
  onBackend(adapter);

  const norms = (x: Float32Array, ...shape: number[]): Float32Array =>
    kernel('ImpflowSampleNorm', { x: on(x, ...shape) })[0]!;
  const lengths = [1, 2, 3, 4, 5, 128, 1000];

  it.each(lengths.flatMap((n) => [0, 1, 3, 255].map((batch) => [batch, n] as const)))(
    'the norms of samples agree with float64: B = %d, n = %d',
    (batch, n) =>
      tidy(() => {
        const x = draw(17, batch * n).map((z, at) => z * [1, 1e-12, 1e9][Math.floor(at / n) % 3]!);
        const found = norms(x, batch, n);
        expect(found).toHaveLength(batch);
        // The kernel rounds only the sum of squares and its square root to float32.
        found.forEach((norm, b) => {
          expect(off(norm / Math.sqrt(total(n, (i) => x[b * n + i]! ** 2)), 1)).toBeLessThan(9e-8);
        });
      }),
  );

  it('norms accept samples of any rank, and are 0 for empty samples', () =>
    tidy(() => {
      const x = draw(18, 120);
      expect(norms(x, 2, 3, 4, 5)).toEqual(norms(x, 2, 60));
      expect(norms(x, 120)).toEqual(x.map(Math.abs));
      expect([...norms(new Float32Array(0), 3, 0)]).toEqual([0, 0, 0]);
    }));

  it('norms are sums in float64, but are infinite if a float32 sum would overflow', () =>
    tidy(() => {
      // In the first case, adding one of the small squares to 1 has no effect in float32. In the second case, the
      // squares are not normal float32 numbers.
      expect(
        off(
          norms(
            Float32Array.from({ length: 1000 }, (_, i) => (i === 500 ? 1 : 1e-4)),
            1,
            1000,
          )[0]!,
          Math.sqrt(1 + 999e-8),
        ),
      ).toBeLessThan(9e-8);
      expect(norms(new Float32Array(1000).fill(1e-21), 1, 1000)[0]! / Math.sqrt(1000) / 1e-21).toBeCloseTo(1, 5);
      const beyond = 2 ** 64,
        below = beyond - 2 ** 40;
      for (const n of lengths) {
        for (const place of [0, Math.floor(n / 2), n - 1]) {
          const one = (value: number): Float32Array => new Float32Array(n).fill(value, place, place + 1);
          expect([below, -below, beyond, 3e38, -3e38].map((value) => norms(one(value), 1, n)[0])).toEqual([
            below,
            below,
            Infinity,
            Infinity,
            Infinity,
          ]);
        }
        // The sum of squares is just below the largest float32 for `inside`, and just above it for `outside`.
        const [inside, outside] = [0.999, 1.001].map((factor) => Math.fround((factor * beyond) / Math.sqrt(n)));
        expect(off(norms(new Float32Array(n).fill(inside!), 1, n)[0]! / (inside! * Math.sqrt(n)), 1)).toBeLessThan(
          9e-8,
        );
        expect(norms(new Float32Array(n).fill(outside!), 1, n)[0]).toBe(Infinity);
      }
    }));

  it.each(lengths)('NaN or infinity in one sample does not change the norms of the other samples, n = %d', (n) =>
    tidy(() => {
      const x = draw(19, 7 * n),
        clean = norms(x, 7, n);
      for (const [wrong, norm] of [
        [NaN, NaN],
        [Infinity, Infinity],
        [-Infinity, Infinity],
        [1e30, Infinity],
      ] as const) {
        for (const bad of [0, 2, 6]) {
          for (const place of [0, Math.floor(n / 2), n - 1])
            expect(norms(x.with(bad * n + place, wrong), 7, n)).toEqual(clean.with(bad, norm));
        }
      }
      expect(norms(Float32Array.of(Infinity, NaN), 1, 2)[0]).toBeNaN();
    }),
  );

  it('the kernel for norms leaks no memory', () => {
    const before = memory();
    tidy(() => {
      for (const batch of [0, 1, 255]) norms(draw(20, 5 * batch), batch, 5);
    });
    expect(memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes });
  });
};
