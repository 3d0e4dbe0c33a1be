import { gmres, impflow, type GmresOptions } from '@impflow/adjoint-gmres';
import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { isFlowError, key, drawNormal, scoped, valueAndGradients, type Solution } from '@impflow/core';
import { implicitBlock } from '@impflow/flows';
import { dense, sequential, sinActivation } from '@impflow/lipschitz';
import { fixedPoint, iterativeAdjoint } from '@impflow/solvers';
import { onBackend, ripple, solveLinear } from '@impflow/testkit';
import { add, memory, mul, square, sum, type Variable } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  draw,
  leastResidual,
  linearizationOf,
  notNormal,
  orthogonal,
  rowsOf,
  stackOf,
  symmetric,
  transposed,
  trueResidual,
  norm,
  plus,
  type Matrix,
} from './dense.ts';

const solved = (
  matrices: readonly Matrix[],
  rhs: Matrix,
  options: GmresOptions = {},
  event = [rhs[0]!.length],
): Omit<Solution, 'value'> & { readonly u: number[][]; readonly products: number } =>
  scoped(() => {
    let products = 0;
    const linearization = linearizationOf(matrices, event, (shape) => {
      expect(shape).toEqual([1, rhs.length, ...event]);
      products += 1;
    });
    const { value, ...end } = gmres(options).solve(linearization, stackOf(rhs, event));
    return { ...end, u: rowsOf(value), products };
  });
const identity = (d: number): number[][] =>
  Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_unused, j) => (i === j ? 1 : 0)));
const combination = (a: readonly number[], x: number, b: readonly number[], y: number): number[] =>
  a.map((entry, i) => x * entry + y * b[i]!);
const expectExact = (matrices: readonly Matrix[], rhs: Matrix, u: Matrix, tolerance: number): void =>
  u.forEach((row, i) => {
    const exact = solveLinear(transposed(matrices[i]!), rhs[i]!);
    expect(norm(plus(row, exact, -1)) / norm(exact), `row ${i}`).toBeLessThan(tolerance);
  });

describe.each([cpu(), wasm()])('gmres on $name', (backend) => {
  onBackend(backend);

  it.each([[[2]], [[10]], [[5, 5, 4]]])('solutions of `gmres` agree with elimination in float64: %j', (event) => {
    const d = event.reduce((product, n) => product * n, 1);
    const [matrices, rhs] = [[1, 2, 3].map((seed) => notNormal(d, 0.9, 10 * seed)), draw(3, d, 9)];
    const { u, status, stats, products } = solved(matrices, rhs, { fallback: [] }, event);
    expect(status).toBe('converged');
    expectExact(matrices, rhs, u, 2e-5);
    // Each evaluation makes one product, and the reported residuals are the true residuals.
    expect([stats.evaluations, stats.steps + 1]).toEqual([products, products]);
    u.forEach((row, i) =>
      expect(Math.abs(trueResidual(matrices[i]!, row, rhs[i]!) - stats.residual[i]!)).toBeLessThan(1e-6),
    );
  });

  it('after each number of products, the residual is the smallest in the Krylov space', () => {
    const [matrices, rhs] = [
      [
        notNormal(30, 0.97, 1),
        symmetric(
          Array.from({ length: 30 }, (_, i) => -0.97 + i / 16),
          3,
        ),
      ],
      draw(2, 30, 5),
    ];
    for (const steps of [0, 1, 4, 9, 14]) {
      const { stats } = solved(matrices, rhs, { maxSteps: Math.max(1, steps), fallback: [] });
      // The number of products is one more than the number of steps, because the start needs one product.
      const least = matrices.map(
        (a, i) => norm(leastResidual(transposed(a), rhs[i]!, Math.max(1, steps) + 1)) / norm(rhs[i]!),
      );
      least.forEach((r, i) =>
        expect(
          Math.abs(stats.residual[i]! / r - 1),
          `${steps} steps, row ${i}: ${stats.residual[i]} for ${r}`,
        ).toBeLessThan(5e-4),
      );
    }
  });

  it('`gmres` restarts when the Krylov space is full', () => {
    const [a, rhs] = [
      symmetric(
        Array.from({ length: 30 }, (_, i) => -0.9 + i / 18),
        3,
      ),
      draw(1, 30, 5),
    ];
    for (const steps of [6, 9, 14]) {
      const { stats } = solved([a], rhs, { restart: 5, maxSteps: steps, fallback: [] });
      let rest: number[] = rhs[0]!;
      for (let left = steps + 1; left > 0; left -= 5) rest = leastResidual(transposed(a), rest, Math.min(5, left));
      expect(stats.residual[0]! / (norm(rest) / norm(rhs[0]!)), `${steps} steps`).toBeCloseTo(1, 3);
    }
    const [short, long] = [4, 30].map((restart) => solved([a], rhs, { restart, maxSteps: 200, fallback: [] }));
    expect([short!.status, long!.status]).toEqual(['converged', 'converged']);
    expect(short!.products).toBeGreaterThan(long!.products);
    expectExact([a], rhs, short!.u, 5e-5);
  });

  it('for slopes near one, `gmres` needs few products, and fixed-point iteration needs hundreds of products', () => {
    // The singular values are 0.95, 0.93 and 0.9 in three directions, and at most 0.2 in the other directions. Left and
    // right singular vectors differ.
    const d = 60;
    const left = orthogonal(d, 21);
    const [c, t] = [Math.cos(0.2), Math.sin(0.2)];
    const right = left.map((_, k) =>
      k < 3
        ? combination(left[k]!, c, left[k + 3]!, t)
        : k < 6
          ? combination(left[k]!, c, left[k - 3]!, -t)
          : left[6 + ((k + 1) % (d - 6))]!,
    );
    const values = left.map((_, k) => [0.95, 0.93, 0.9][k] ?? (0.2 * k) / d);
    const a = left.map((_, i) =>
      left.map((_unused, j) =>
        values.reduce((total, value, k) => total - value * left[k]![i]! * right[k]![j]!, i === j ? 1 : 0),
      ),
    );
    const rhs = draw(2, d, 23);
    const { products, status, u } = solved([a, a], rhs, { fallback: [] });
    expect(status).toBe('converged');
    expectExact([a, a], rhs, u, 1e-4);
    const plain = scoped(() =>
      iterativeAdjoint({ solver: fixedPoint(), maxSteps: 2000, fallback: [] }).solve(
        linearizationOf([a, a], [d]),
        stackOf(rhs, [d]),
      ),
    );
    plain.value.dispose();
    expect(plain.stats.evaluations).toBeGreaterThan(100);
    expect(products).toBeLessThan(25);
  });

  it('a row whose right-hand side lies in a small invariant space converges early, even if other rows need all dimensions', () => {
    const d = 12;
    const eigenvalues = Array.from({ length: d }, (_, i) => -0.8 + i / 8);
    const [a, q] = [symmetric(eigenvalues, 31), orthogonal(d, 31)];
    const zero = eigenvalues.map(() => 0);
    // The right-hand sides lie in invariant spaces of one, two, three, all and zero dimensions.
    const mixed = (count: number): number[] =>
      q.slice(0, count).reduce<number[]>((total, v, k) => plus(total, v, k + 1), zero);
    const rhs = [mixed(1), mixed(2), mixed(3), mixed(d), zero];
    const matrices = rhs.map(() => a);
    const all = solved(matrices, rhs, { fallback: [] });
    expect(all.status).toBe('converged');
    expectExact(matrices.slice(0, 4), rhs.slice(0, 4), all.u.slice(0, 4), 1e-5);
    expect(all.u[4]!.every((x) => x === 0)).toBe(true);
    for (const [i, dimensions] of [
      [0, 1],
      [1, 2],
      [2, 3],
    ] as const) {
      const alone = solved([a], [rhs[i]!], { fallback: [] });
      // The check needs one additional product.
      expect(alone.products).toBe(dimensions + 1);
      expect(norm(plus(alone.u[0]!, all.u[i]!, -1)) / norm(alone.u[0]!)).toBeLessThan(1e-6);
    }
    expect(solved([identity(d)], [mixed(d)]).products).toBe(2);
  });

  it('`gmres` does not stall if only the last step reduces the residual', () => {
    // For a cyclic shift, the residual does not fall before the last of d products. The shift is not I + J of a
    // contraction.
    const shift = identity(6).map((_, i) => identity(6)[(i + 1) % 6]!);
    const quarter = [
      [0, -1],
      [1, 0],
    ];
    const first = solved([shift], [identity(6)[2]!], { fallback: [] });
    expect(first.status).toBe('converged');
    expectExact([shift], [identity(6)[2]!], first.u, 1e-6);
    const second = solved([quarter], [[3, 4]], { fallback: [] });
    expect([second.status, second.products]).toEqual(['converged', 3]);
    expectExact([quarter], [[3, 4]], second.u, 1e-6);
  });

  it('samples that have not converged are reported, and continue with the fallback', () => {
    const [a, rhs] = [notNormal(40, 0.9, 51), draw(2, 40, 52)];
    const alone = solved([a, identity(40)], rhs, { maxSteps: 4, fallback: [] });
    expect([alone.status, ...alone.stats.converged]).toEqual(['max-steps', 0, 1]);
    expect(Math.abs(alone.stats.residual[0]! / trueResidual(a, alone.u[0]!, rhs[0]!) - 1)).toBeLessThan(1e-3);
    const helped = solved([a, identity(40)], rhs, { maxSteps: 4 });
    expect([helped.status, helped.stats.path]).toEqual(['converged', ['gmres', 'anderson']]);
    expectExact([a], [rhs[0]!], helped.u.slice(0, 1), 2e-5);
  });

  it.each([2, 20])('gradients of an implicit block agree with the default adjoint solver, in %d dimensions', (dim) => {
    const nets = (): { readonly gx: ReturnType<typeof ripple>; readonly gz: ReturnType<typeof ripple> } => ({
      gx: ripple({ event: [dim], slope: 0.9 }),
      gz: ripple({ event: [dim], slope: 0.8 }),
    });
    const run = (options: {
      readonly adjoint?: ReturnType<typeof gmres>;
    }): { readonly gradients: number[]; readonly ends: string[] } =>
      scoped(() => {
        const { gx, gz } = nets();
        const block = implicitBlock({ gx, gz, tolerance: { atol: 1e-7, rtol: 1e-7 }, ...options });
        const ends: string[] = [];
        const x = drawNormal(key(61), [7, dim]);
        const { gradients } = valueAndGradients(
          () => {
            const { value, logDet } = block.forwardWithLogDet(x, {
              key: key(1),
              train: false,
              report: ({ phase, stats, status }) => {
                if (phase === 'adjoint') ends.push(`${stats.solver} ${status}`);
              },
            });
            return add(sum(square(value)), sum(mul(0.5, logDet)));
          },
          block.parameters as Readonly<Record<string, Variable>>,
        );
        const numbers = Object.values(gradients).flatMap((gradient) => [...gradient.dataSync()]);
        for (const variable of Object.values(block.parameters)) variable.dispose();
        return { gradients: numbers, ends };
      });
    const [standard, ours] = [run({}), run({ adjoint: gmres() })];
    expect(ours.ends).toEqual(['gmres converged']);
    expect(standard.ends).not.toEqual(ours.ends);
    expect(norm(plus(ours.gradients, standard.gradients, -1)) / norm(standard.gradients)).toBeLessThan(2e-5);
  });

  it('`gmres` solves the system of a net of @impflow/lipschitz, and disposes all temporary tensors', () => {
    const g = sequential(
      [50],
      [
        dense({ inputs: 50, outputs: 64, key: key(71) }),
        sinActivation(),
        dense({ inputs: 64, outputs: 50, key: key(74) }),
      ],
    );
    const [x, rhs] = [drawNormal(key(72), [9, 50]), drawNormal(key(73), [9, 50])];
    // The first call fills the caches of the net, so tensors are counted after the first call.
    g.linearize(x).dispose();
    const before = memory().numTensors;
    scoped(() => {
      const at = g.linearize(x, { tracked: false });
      const { status } = gmres({ restart: 4 }).solve(at, rhs);
      expect(status).toBe('converged');
      at.dispose();
    });
    expect(memory().numTensors).toBe(before);
  });
});

describe('options of `gmres`', () => {
  it.each([
    [{ restart: 0 }, 'restart'],
    [{ restart: 1.5 }, 'restart'],
    [{ rtol: 0 }, 'rtol'],
    [{ maxSteps: -1 }, 'maxSteps'],
  ])('a wrong option of `gmres` is refused: %j', (options, name) => {
    let caught: unknown;
    try {
      gmres(options);
    } catch (error) {
      caught = error;
    }
    expect(isFlowError(caught, 'option')).toBe(true);
    expect((caught as Error).message).toContain(`[adjoint-gmres/gmres] Wrong ${name}: expected a positive`);
  });

  it('the factory `gmres` of the plugin accepts JSON options', () => {
    expect(impflow.adjoint.gmres({ restart: 12, rtol: 1e-5, maxSteps: 60 })).toMatchObject({ name: 'gmres' });
  });
});
