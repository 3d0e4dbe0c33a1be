import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { key, logDetOnePlus, normals, type Linearization } from '@impflow/core';
import { anderson, directAdjoint, quasiNewton, type AndersonState } from '@impflow/solvers';
import { add, getKernel, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BUILDS } from '../../testkit/private/extent.mjs';
import { advanceProgress } from '../src/sample-progress.ts';

/**
 * Returns the results of `run` on a backend with fused kernels, and on a backend that composes them from operations of
 * TensorFlow.js.
 */
const twice = async (
  simd: 'relaxed' | 'simd',
  names: readonly string[],
  run: () => Readonly<Record<string, Tensor>>,
): Promise<readonly [Record<string, number[]>, Record<string, number[]>]> => {
  const read = (): Record<string, number[]> =>
    tidy(() =>
      Object.fromEntries(Object.entries(run()).map(([name, x]) => [name, [...x.dataSync()]])),
    ) as unknown as Record<string, number[]>;
  const backend = await wasm({ simd }).start();
  for (const name of names) expect(getKernel(name, 'wasm')).toBeDefined();
  const ours = read();
  backend.dispose();
  const reference = await cpu().start();
  for (const name of names) expect(getKernel(name, 'cpu')).toBeUndefined();
  const theirs = read();
  reference.dispose();
  return [ours, theirs];
};

const draw = (seed: number, shape: readonly number[], scale = 1, diagonal = 0): Tensor => {
  const d = shape.at(-1)!;
  return tensor(
    Float32Array.from(
      normals(
        key(seed),
        shape.reduce((n, size) => n * size, 1),
      ),
      (z, at) => scale * z + ((at % (d * d)) % (d + 1) === 0 ? diagonal : 0),
    ),
    [...shape],
  );
};

/** Returns the largest difference between the results, divided by `max(1, |reference|)`. */
const difference = ([ours, theirs]: readonly [Record<string, number[]>, Record<string, number[]>]): number =>
  Math.max(
    ...Object.entries(theirs).flatMap(([name, values]) =>
      values.map((x, i) => Math.abs(x - ours[name]![i]!) / Math.max(1, Math.abs(x))),
    ),
  );

describe.each(BUILDS)('fused kernels agree with composed operations, %s build', (simd) => {
  it.each([1, 2, 7, 32])('fused and composed progress agree for all special values, n = %d', async (n) => {
    const norms = [1e-9, 0.5, 2, NaN, Infinity];
    const cases = [false, true].flatMap((active) =>
      norms.flatMap((residual) =>
        norms.flatMap((latest) =>
          [1, NaN, Infinity].flatMap((limit) =>
            norms.flatMap((nextResidual) =>
              [0.3, 1e5, NaN, Infinity].map((value) => ({ active, residual, latest, limit, nextResidual, value })),
            ),
          ),
        ),
      ),
    );
    const column = (of: (one: (typeof cases)[number]) => number): Tensor => tensor(cases.map(of));
    const shape = [cases.length, n];
    const grid = (of: (one: (typeof cases)[number], i: number) => number): Tensor =>
      tensor(
        cases.flatMap((one) => Array.from({ length: n }, (_, i) => of(one, i))),
        shape,
      );
    const [ours, theirs] = await twice(simd, ['ImpflowProgress'], () => {
      const progress = {
        state: { value: tensor([0]), residual: tensor([0]) },
        active: tensor(
          cases.map(({ active }) => Number(active)),
          [cases.length],
          'bool',
        ),
        value: grid(({ value }, i) => value - i),
        residual: column(({ residual }) => residual),
        tolerance: column(() => 0),
        latest: column(({ latest }) => latest),
        limit: column(({ limit }) => limit),
      };
      const { value, residual, tolerance, latest, active } = advanceProgress(
        progress,
        { value: grid(({ value: x }, i) => 2 * x + i), residual: column(({ nextResidual }) => nextResidual) },
        { atol: 1e-3, rtol: 1e-3, divergence: 10 },
      );
      expect([value.shape, active.dtype, active.shape]).toEqual([shape, 'bool', [cases.length]]);
      return { value, residual, tolerance, latest, active };
    });
    for (const name of ['value', 'residual', 'latest', 'active']) expect(ours[name], name).toEqual(theirs[name]);
    const far = ours['tolerance']!.filter(
      (found, i) =>
        !Object.is(found, theirs['tolerance']![i]) && !(Math.abs(found / theirs['tolerance']![i]! - 1) < 1e-6),
    );
    expect(far).toEqual([]);
  });

  const sizes = [
    [1, 1],
    [5, 2],
    [500, 2],
    [9, 6],
    [3, 16],
  ] as const;

  it.each(sizes)('fused and composed log-determinants agree, B = %d, d = %d', async (batch, d) => {
    expect(
      difference(
        await twice(simd, ['ImpflowLogDet'], () => {
          const { logDet, gradient } = logDetOnePlus(draw(1, [d, batch, d], 0.4 / Math.sqrt(d)), true);
          expect([logDet.shape, gradient!.shape]).toEqual([[batch], [d, batch, d]]);
          return { logDet, gradient: gradient! };
        }),
      ),
    ).toBeLessThan(2e-6 * d);
  });

  it.each(sizes)('fused and composed solutions of `directAdjoint` agree, B = %d, d = %d', async (batch, d) => {
    const both = await twice(simd, ['ImpflowTransposedSolve'], () => {
      const [jacobian, rhs] = [draw(2, [batch, d, d], 0.4 / Math.sqrt(d)), draw(3, [batch, d])];
      const unused = (): never => {
        throw new Error('The Jacobian is enough.');
      };
      const { value, status } = directAdjoint().solve(
        { value: rhs, jacobian: () => jacobian, jvp: unused, vjp: unused, dispose: unused } satisfies Linearization,
        rhs,
      );
      expect(status).toBe('converged');
      return { value };
    });
    expect(difference(both)).toBeLessThan(1e-5);
  });

  it.each(sizes)('fused and composed steps of `quasiNewton` agree, B = %d, d = %d', async (batch, d) => {
    const both = await twice(simd, ['ImpflowQuasiNewton'], () => {
      const rows = [batch, d];
      const [image, dy] = [draw(5, rows), draw(6, rows)];
      const after = tensor(
        [...dy.dataSync()].map((x, i) => image.dataSync()[i]! + 0.9 * x + (i % 7 === 0 ? 0.1 : 0)),
        rows,
      );
      const { inverse, move } = quasiNewton().step(() => after, {
        value: draw(7, rows),
        image,
        inverse: draw(8, [batch, d, d], 0.2 / Math.sqrt(d), 1),
        move: dy,
        residual: image,
      });
      return { inverse, move };
    });
    expect(difference(both)).toBeLessThan(1e-4);
  });

  it.each([
    [1, 1],
    [5, 2],
    [500, 6],
    [9, 16],
    [3, 40],
    [2, 700],
  ])('fused and composed steps of `anderson` agree, B = %d, d = %d', async (batch, d) => {
    for (const [memory, damping, steps] of [
      [1, 1, 3],
      [3, 0.7, 6],
      [5, 1, 4],
    ] as const) {
      const both = await twice(simd, ['ImpflowAnderson'], () => {
        const method = anderson({ memory, damping, regularization: 1e-3 });
        // Use random numbers as images of the iterates. The differences then point in all directions, so the
        // coefficients are well-conditioned.
        let [state, count] = [method.init(() => draw(20, [batch, d]), draw(21, [batch, d])) as AndersonState, 22];
        for (let i = 0; i < steps; i++)
          state = method.step((y) => add(y, draw(count++, [batch, d])), state) as AndersonState;
        expect(state.differencesToPrevious!.values.shape).toEqual([batch, Math.min(memory, d, steps - 1), d]);
        return {
          value: state.value,
          values: state.differencesToPrevious!.values,
          gaps: state.differencesToPrevious!.gaps,
        };
      });
      expect(difference(both)).toBeLessThan(2e-3);
    }
  });
});
