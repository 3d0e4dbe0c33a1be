import { cpu } from '@impflow/backend-cpu';
import { eliminate, key, normals, type BackendAdapter } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import { adam, adamW } from '@impflow/training';
import { grad, memory, mul, sum, tensor, tidy, variable, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { runKernel } from './run-kernel.ts';

/** Returns random float32 numbers and a tensor of these numbers. */
export const draw = (seed: number, shape: readonly number[], of: (z: number) => number = (z) => z) => {
  const values = Float32Array.from(
    normals(
      key(seed),
      shape.reduce((n, d) => n * d, 1),
    ),
    of,
  );
  return { values, on: tensor(values, [...shape] as number[]) };
};

export const expectClose = (found: Tensor, expected: ArrayLike<number>, tolerance: number): void => {
  const values = found.dataSync();
  expect(values.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < values.length; i++)
    worst = Math.max(worst, Math.abs(values[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!)));
  expect(worst).toBeLessThan(tolerance);
};

/** Gauss-Jordan elimination in float64 with pivoting. (The kernel eliminates without pivoting.) */
const solveExactly = (
  a: Float64Array,
  rhs: Float64Array,
  d: number,
  k: number,
): { readonly solution: Float64Array; readonly logDet: number } => {
  const [m, x] = [a.slice(), rhs.slice()];
  let logDet = 0;
  for (let j = 0; j < d; j++) {
    let best = j;
    for (let i = j; i < d; i++) if (Math.abs(m[i * d + j]!) > Math.abs(m[best * d + j]!)) best = i;
    for (const [rows, width] of [
      [m, d],
      [x, k],
    ] as const) {
      for (let c = 0; c < width; c++)
        [rows[j * width + c], rows[best * width + c]] = [rows[best * width + c]!, rows[j * width + c]!];
    }
    const pivot = m[j * d + j]!;
    logDet += Math.log(Math.abs(pivot));
    for (const [rows, width] of [
      [x, k],
      [m, d],
    ] as const)
      for (let c = 0; c < width; c++) rows[j * width + c]! /= pivot;
    for (let i = 0; i < d; i++) {
      const factor = m[i * d + j]!;
      if (i === j) continue;
      for (const [rows, width] of [
        [x, k],
        [m, d],
      ] as const)
        for (let c = 0; c < width; c++) rows[i * width + c]! -= factor * rows[j * width + c]!;
    }
  }
  return { solution: x, logDet };
};

/** Compares the kernels for elimination, caps and Adam with closed forms, on a backend that has these kernels. */
export const testSmall = (adapter: BackendAdapter): void => {
  onBackend(adapter);

  const systems = [
    [1, 1, 1],
    [5, 1, 3],
    [7, 2, 1],
    [4, 2, 2],
    [33, 6, 1],
    [9, 6, 6],
    [3, 16, 16],
    [2, 13, 5],
    [0, 2, 1],
    [3, 4, 0],
  ] as const;

  it.each(systems)(
    '`eliminate`: solutions and log-determinants agree with float64, %d systems of size %d, %d right-hand sides',
    (batch, d, k) =>
      tidy(() => {
        const [a, rhs] = [draw(6, [batch, d, d], (z) => (0.5 * z) / Math.sqrt(d)), draw(7, [batch, d, k])];
        const shifted = a.values.map((x, at) => x + ((at % (d * d)) % (d + 1) === 0 ? 1 : 0));
        const { solution, logDet } = eliminate(tensor(shifted, [batch, d, d]), rhs.on);
        expect([solution.shape, logDet.shape]).toEqual([[batch, d, k], [batch]]);
        for (let b = 0; b < batch; b++) {
          const exact = solveExactly(
            Float64Array.from(shifted.subarray(b * d * d, (b + 1) * d * d)),
            Float64Array.from(rhs.values.subarray(b * d * k, (b + 1) * d * k)),
            d,
            k,
          );
          expectClose(tensor(solution.dataSync().slice(b * d * k, (b + 1) * d * k)), exact.solution, 1e-4);
          expect(Math.abs(logDet.dataSync()[b]! - exact.logDet)).toBeLessThan(2e-6 * d);
        }
      }),
  );

  it('`eliminate`: the log-determinant is correct over the whole range of float32', () =>
    tidy(() => {
      const values = Float32Array.of(
        1e-45,
        1e-40,
        1.2e-38,
        1e-20,
        0.5,
        0.70710677,
        0.7071068,
        0.9999999,
        1,
        1.0000001,
        1.5,
        2,
        1e20,
        3.4e38,
      );
      const { logDet } = eliminate(tensor(values, [values.length, 1, 1]), zeros([values.length, 1, 1]));
      logDet.dataSync().forEach((found, i) => {
        const exact = Math.log(values[i]!);
        expect(Math.abs(found - exact), String(values[i])).toBeLessThanOrEqual(6e-8 * Math.abs(exact));
      });
      // The matrix has sixteen pivots whose product overflows float64.
      const big = Float32Array.from({ length: 256 }, (_, at) => (at % 17 === 0 ? 1e38 : 0));
      expect(
        eliminate(tensor(big, [1, 16, 16]), zeros([1, 16, 1])).logDet.dataSync()[0]! /
          (16 * Math.log(Math.fround(1e38))),
      ).toBeCloseTo(1, 6);
    }));

  it('`eliminate`: if a pivot of a sample is not positive, only the log-determinant of this sample is NaN', () =>
    tidy(() => {
      const good = [2, 1, 0, 4];
      const bad = [
        [0, 1, 1, 0],
        [-1, 0, 0, -1],
        [NaN, 1, 1, 1],
        [1, 2, 2, 1],
      ];
      const a = bad.flatMap((system) => [...good, ...system]);
      const { solution, logDet } = eliminate(
        tensor(a, [8, 2, 2]),
        tensor(
          Array.from({ length: 16 }, (_, i) => (i % 2) + 1),
          [8, 2, 1],
        ),
      );
      expect(Array.from(logDet.dataSync(), (value) => (Number.isNaN(value) ? NaN : Math.round(1e6 * value)))).toEqual(
        bad.flatMap(() => [Math.round(1e6 * Math.log(8)), NaN]),
      );
      for (let i = 0; i < 16; i += 4) expect(Array.from(solution.dataSync().subarray(i, i + 2))).toEqual([0.25, 0.5]);
      // A system with a negative pivot still has a solution.
      expect(Array.from(solution.dataSync().subarray(6, 8))).toEqual([-1, -2]);
    }));

  it('`eliminate` runs plain operations instead of the kernel on the gradient tape, and for systems larger than 16', () =>
    tidy(() => {
      const a = draw(8, [3, 2, 2], (z) => 0.3 * z);
      const on = tensor(
        a.values.map((x, at) => x + ((at % 4) % 3 === 0 ? 1 : 0)),
        [3, 2, 2],
      );
      const slope = grad((x) => sum(eliminate(x, zeros([3, 2, 1])).logDet))(on);
      const [p, q, r, s] = on.dataSync();
      expectClose(
        tensor(slope.dataSync().slice(0, 4)),
        [s!, -r!, -q!, p!].map((x) => x / (p! * s! - q! * r!)),
        1e-5,
      );
      const wide = tensor(
        Float32Array.from({ length: 400 }, (_, at) => (at % 21 === 0 ? 2 : 0)),
        [1, 20, 20],
      );
      expect(eliminate(wide, zeros([1, 20, 1])).logDet.dataSync()[0]).toBeCloseTo(20 * Math.log(2), 4);
    }));

  it.each([
    [1, 1],
    [2, 128],
    [7, 5],
    [128, 128],
  ])('the gradient through the cap of a %d x %d weight agrees with float64', (m, n) =>
    tidy(() => {
      const [direct, weight, slope] = [draw(9, [m, n]), draw(10, [m, n]), draw(11, [m, n])];
      for (const sigma of [0.3, 0.9, 0.90001, 4]) {
        const norm = Math.fround(sigma);
        const factor = 0.9 / Math.max(norm, 0.9);
        const along = direct.values.reduce((total, x, at) => total + x * weight.values[at]!, 0);
        const [found] = runKernel(
          'ImpflowCapGradient',
          { direct: direct.on, weight: weight.on, slope: slope.on, sigma: tensor([[sigma]]) },
          { coeff: 0.9 },
        );
        expect(found!.shape).toEqual([m, n]);
        // Errors are relative to the largest term, because the terms may cancel.
        const scale = Math.max(1, norm > 0.9 ? Math.abs(along) / norm : 0);
        expectClose(
          mul(found!, 1 / scale),
          Float64Array.from(
            direct.values,
            (x, at) =>
              (factor * x - (norm > Math.fround(0.9) ? ((factor * along) / norm) * slope.values[at]! : 0)) / scale,
          ),
          3e-6,
        );
      }
      const [broken] = runKernel(
        'ImpflowCapGradient',
        { direct: direct.on, weight: weight.on, slope: slope.on, sigma: tensor([[NaN]]) },
        { coeff: 0.9 },
      );
      expect(broken!.dataSync().every(Number.isNaN)).toBe(true);
    }),
  );

  it.each([
    [1, 1],
    [3, 2],
    [128, 128],
    [2, 43],
  ])('the capped weight and its norm agree with float64: [%d, %d]', (m, n) =>
    tidy(() => {
      const [weight, u, v] = [draw(8, [m, n]), draw(9, [m]), draw(10, [n])];
      const slope = [...u.values].flatMap((a) => Array.from(v.values, (b) => a * b));
      const sigma = weight.values.reduce((total, w, at) => total + w * slope[at]!, 0);
      for (const coeff of [0.5 * Math.abs(sigma), 2 * Math.abs(sigma)]) {
        const [scaled, norm, outer] = runKernel('ImpflowCap', { weight: weight.on, u: u.on, v: v.on }, { coeff });
        expect(norm!.shape).toEqual([1, 1]);
        expectClose(
          scaled!,
          Float64Array.from(weight.values, (w) => (w * coeff) / Math.max(sigma, coeff)),
          3e-6,
        );
        expectClose(outer!, Float64Array.from(slope), 1e-6);
        expect(Math.abs(norm!.dataSync()[0]! - sigma)).toBeLessThan(
          1e-5 * Math.max(1, Math.hypot(...slope) * Math.hypot(...weight.values)),
        );
      }
    }),
  );

  it.each([[1], [6], [128], [7, 19]])('a step of Adam agrees with float64: sizes %o', (...shape: number[]) =>
    tidy(() => {
      const [theta, gradient, m, v] = [draw(12, shape), draw(13, shape), draw(14, shape), draw(15, shape, Math.abs)];
      const [beta1, beta2, rate, epsilon, decay] = [0.9, 0.999, 0.02, 1e-6, 0.99] as const;
      const [newTheta, newM, newV] = runKernel(
        'ImpflowAdam',
        { theta0: theta.on, gradient0: gradient.on, m0: m.on, v0: v.on },
        { beta1, beta2, rate, epsilon, decay },
      );
      for (const out of [newTheta!, newM!, newV!]) expect(out.shape).toEqual(shape);
      const ms = Float64Array.from(m.values, (x, i) => beta1 * x + (1 - beta1) * gradient.values[i]!);
      const vs = Float64Array.from(v.values, (x, i) => beta2 * x + (1 - beta2) * gradient.values[i]! ** 2);
      expectClose(newM!, ms, 1e-6);
      expectClose(newV!, vs, 1e-6);
      expectClose(
        newTheta!,
        Float64Array.from(theta.values, (x, i) => decay * x - (rate * ms[i]!) / (Math.sqrt(vs[i]!) + epsilon)),
        1e-6,
      );
    }),
  );
};

/** Compares small fused kernels with the operations that they replace. Starts and disposes the backend. */
export const testAgainstOperations = (adapter: BackendAdapter): void => {
  /**
   * Returns the largest difference between the results of `run` on the tested backend and on cpu. Checks that no tensor
   * leaks.
   */
  const difference = async (run: () => Record<string, Float32Array>): Promise<number> => {
    const backend = await adapter.start();
    const before = memory().numTensors;
    const ours = tidy(run);
    expect(memory().numTensors).toBe(before);
    backend.dispose();
    const reference = await cpu().start();
    const theirs = tidy(run);
    reference.dispose();
    return Math.max(
      ...Object.entries(ours).flatMap(([name, values]) =>
        Array.from(values, (x, i) => Math.abs(x - theirs[name]![i]!)),
      ),
    );
  };

  it('`eliminate` agrees with the operations that its kernel replaces', async () =>
    expect(
      await difference(() => {
        const a = tensor(
          draw(24, [10, 6, 6], (z) => 0.2 * z).values.map((x, at) => x + ((at % 36) % 7 === 0 ? 1 : 0)),
          [10, 6, 6],
        );
        const { solution, logDet } = eliminate(a, draw(23, [10, 6, 6]).on);
        return { solution: solution.dataSync() as Float32Array, logDet: logDet.dataSync() as Float32Array };
      }),
    ).toBeLessThan(1e-5));

  it.each([
    ['adam', adam()],
    ['adamW', adamW({ weightDecay: 0.1, beta1: 0.8 })],
    ['adamW that decays only matrices', adamW({ weightDecay: 0.1, decaysVectors: false })],
  ])('fused updates by %s are correct', async (_name, optimizer) =>
    expect(
      await difference(() => {
        const parameters = { weight: variable(draw(26, [7, 5]).on), bias: variable(draw(27, [5]).on) };
        let state = optimizer.init(parameters);
        for (let step = 0; step < 10; step++)
          state = optimizer.update(
            { weight: draw(30 + step, [7, 5]).on, bias: draw(50 + step, [5]).on },
            state,
            parameters,
            0.01,
          );
        const found = Object.entries({ ...parameters, ...state.slots }).map(
          ([name, x]) => [name, x.dataSync().slice()] as const,
        );
        Object.values(parameters).forEach((parameter) => parameter.dispose());
        return Object.fromEntries(found) as Record<string, Float32Array>;
      }),
    ).toBeLessThan(1e-6),
  );
};
