import { fold, scoped, sizeOf, type BackendAdapter, type Solution, type SolveEnd } from '@impflow/core';
import type { AdjointSolver } from '@impflow/solvers';
import { tensor, tensor2d } from '@tensorflow/tfjs-core';
import { describe, expect } from 'vitest';
import { expectImplicitGradients } from './adjoint-gradients.ts';
import { distance, linearOf, rightHandSides, rounding, SINGULAR, system, type System } from './adjoint-systems.ts';
import { expectAgreement, expectConverged } from './agree.ts';
import { solveLinear } from './differences.ts';
import { drawnAnew, seedFrom, shapeFrom, sizeFrom } from './drawn-anew.ts';
import { expectKept } from './kept.ts';
import { laws, type Exceptions } from './law.ts';
import { times, transposed } from './matrix.ts';
import { onBackend } from './on-backend.ts';

/** Names of the laws, as keys of `except`. */
export type AdjointLaw =
  | 'solves the transposed system'
  | 'solves a system with a non-normal Jacobian of norm 0.95'
  | 'takes a right-hand side of any size'
  | 'gives zero for zero'
  | 'takes right-hand sides with zeros'
  | 'gives the same result after many solves'
  | 'holds for wide events and long batches'
  | 'holds at sizes drawn anew'
  | 'the residuals are relative to the right-hand side'
  | 'a system without a solution is reported by its status'
  | 'the result of a row does not depend on its batch'
  | 'a bad row does not change other rows'
  | 'gradients through `implicit` agree with finite differences'
  | 'returns one tensor and keeps none';

/** Options of {@link testAdjointSolver}. */
export interface AdjointSuite {
  /** Makes the adjoint solver. Called twice. */
  readonly adjoint: () => AdjointSolver;
  /** Backends on which the laws run. */
  readonly backends: readonly BackendAdapter[];
  /**
   * Laws that this method does not keep, each with the reason. The report shows these laws as skipped. Default none.
   */
  readonly except?: Exceptions<AdjointLaw>;
}

/**
 * Registers the laws of adjoint solvers on each backend. The laws compare solutions of `(I + J)^T u = rhs` with
 * elimination in float64, for Jacobians `J` of norm below one that are neither symmetric nor normal. Call this function
 * at the top level of a vitest file.
 */
export const testAdjointSolver = ({ adjoint, backends, except = {} }: AdjointSuite): void => {
  const law = laws<AdjointLaw>(except);
  const method = adjoint();
  const run = (
    { event, matrices, rhs }: System,
    solver = method,
  ): Solution & { readonly numbers: number[][]; readonly ends: readonly SolveEnd[] } =>
    scoped(() => {
      const ends: SolveEnd[] = [];
      const { value, status, stats } = solver.solve(
        linearOf(event, matrices),
        tensor(rhs.flat(), [rhs.length, ...event]),
        (end) => {
          ends.push(end);
        },
      );
      expect(value.shape).toEqual([rhs.length, ...event]);
      const [flat, d] = [Array.from(value.dataSync()), sizeOf(event)];
      return { value, status, stats, ends, numbers: rhs.map((_, i) => flat.slice(i * d, (i + 1) * d)) };
    });
  const expectSolved = (system: System, tolerance: number): void => {
    const { status, stats, numbers } = run(system);
    expectConverged({ status, stats }, `events [${system.event.join(', ')}]`);
    expect(stats.converged).toHaveLength(system.rhs.length);
    numbers.forEach((u, i) => {
      const exact = solveLinear(transposed(system.matrices[i]!), system.rhs[i]!);
      expectAgreement([distance(u, exact) / Math.hypot(...exact)], [0], {
        what: `events [${system.event.join(', ')}], the relative distance of row ${i} from its solution`,
        tolerance,
      });
    });
  };

  describe.each(backends)(`${method.name} on $name`, (backend) => {
    onBackend(backend);

    law('solves the transposed system', () => {
      for (const event of [[1], [2], [7], [2, 3, 2]]) expectSolved(system(event, 6, 0.7), 2e-5);
      // Dimension 20 is above the largest size of the fused kernels, so methods may run other code there.
      expectSolved(system([20], 3, 0.7), 2e-5);
    });

    law('solves a system with a non-normal Jacobian of norm 0.95', () => {
      expectSolved(system([8], 4, 0.95), 2e-4);
      // J is nilpotent: all its eigenvalues are zero, but its norm is 0.95.
      const shifted = Array.from({ length: 8 }, (_, i) =>
        Array.from({ length: 8 }, (_entry, j) => (i === j ? 1 : 0) - (j === i + 1 ? 0.95 : 0)),
      );
      expectSolved({ event: [8], matrices: [shifted, shifted], rhs: rightHandSides(2, 8) }, 2e-4);
    });

    law('takes a right-hand side of any size', () => {
      const ordinary = system([3], 7, 0.7);
      // The scales go from 1e-20 to 1e18, about the range of numbers whose squares float32 can represent.
      const scales = [-66, -30, -10, 0, 10, 30, 60].map((power) => 2 ** power);
      const { status, stats, numbers } = run({
        ...ordinary,
        rhs: ordinary.rhs.map((row, i) => row.map((entry) => entry * scales[i]!)),
      });
      const plain = run(ordinary);
      expectConverged({ status, stats }, 'right-hand sides of all sizes');
      numbers.forEach((u, i) =>
        expect(
          distance(
            u.map((entry) => entry / scales[i]!),
            plain.numbers[i]!,
          ),
          `times ${scales[i]}`,
        ).toBeLessThan(1e-5),
      );
      expect(Math.max(...stats.residual)).toBeLessThan(1e-5);
    });

    law('gives zero for zero', () => {
      const { matrices, rhs, event } = system([3], 3, 0.7);
      const { status, numbers } = run({ event, matrices, rhs: rhs.with(1, [0, 0, 0]) });
      expect(status).toBe('converged');
      expect(numbers[1]!.map(Math.abs)).toEqual([0, 0, 0]);
      expect(Math.hypot(...numbers[0]!)).toBeGreaterThan(0);
    });

    law('takes right-hand sides with zeros', () => {
      const { event, matrices } = system([5], 12, 0.7);
      // Unit vectors of several sizes, vectors in which every second entry is zero, and a row whose Jacobian is zero.
      const rhs = matrices.map((_, i) =>
        Array.from({ length: 5 }, (_entry, k) =>
          i < 5 ? (i === k ? 2 * (-0.3) ** i : 0) : i < 11 ? ((i + k) % 2) * (k - 1.5) : k - 1,
        ),
      );
      const identity = rhs[0]!.map((_, i) => rhs[0]!.map((_entry, k) => (i === k ? 1 : 0)));
      expectSolved({ event, matrices: matrices.with(11, identity), rhs }, 2e-5);
    });

    law('gives the same result after many solves', () => {
      const small = system([2], 2, 0.7);
      const fresh = adjoint();
      const results = Array.from({ length: SOLVES }, () => run(small, fresh).numbers.flat());
      expectAgreement(results.at(-1)!, results[0]!, { what: `solve ${SOLVES} of one instance`, width: 2 });
    });

    law('holds for wide events and long batches', () => {
      expectSolved(system([48], 2, 0.7), 2e-5);
      expectSolved(system([3], 150, 0.7), 2e-5);
    });

    law('holds at sizes drawn anew', () =>
      drawnAnew((k) => {
        const event = shapeFrom(fold(k, 1), 24);
        expectSolved(system(event, sizeFrom(fold(k, 2), 1, 12), 0.7, seedFrom(k)), 2e-5);
      }),
    );

    law('the residuals are relative to the right-hand side', () => {
      const { event, matrices, rhs } = system([3], 4, 0.9);
      const scales = [1e-6, 1, 1e3, 1e6];
      const scaled = rhs.map((row, i) => row.map((entry) => entry * scales[i]!));
      // The last row has no solution, so its residual is larger than a rounding error.
      const hard = matrices.with(3, SINGULAR);
      const { stats, ends, status, numbers } = run({ event, matrices: hard, rhs: scaled });
      expect(stats.residual).toHaveLength(4);
      numbers.forEach((u, i) => {
        const left = distance(times(transposed(hard[i]!), u), scaled[i]!) / Math.hypot(...scaled[i]!);
        if (Number.isFinite(left))
          expect(
            Math.abs(stats.residual[i]! - left),
            `row ${i}: reported ${stats.residual[i]}, true ${left}`,
          ).toBeLessThan(1e-2 * left + rounding(u, scaled[i]!));
        else expect(stats.converged[i]).toBe(0);
      });
      expect(ends).toHaveLength(1);
      expect(ends[0]).toEqual({
        status,
        stats: expect.objectContaining({ residual: stats.residual, converged: stats.converged }) as object,
      });
    });

    law('a system without a solution is reported by its status', () => {
      const { event, matrices, rhs } = system([3], 4, 0.7);
      const { status, stats, numbers } = run({
        event,
        matrices: matrices.with(2, SINGULAR),
        rhs: rhs.with(2, [1, 1, 1]),
      });
      expect([...stats.converged].toSpliced(2, 1)).toEqual([1, 1, 1]);
      // An iteration may diverge in the null space, until the residual cannot be distinguished from rounding in
      // float32.
      const left = distance(times(transposed(SINGULAR), numbers[2]!), [1, 1, 1]) / Math.hypot(1, 1, 1);
      if (!(left < rounding(numbers[2]!, [1, 1, 1]))) {
        expect(stats.converged[2]).toBe(0);
        expect(status).not.toBe('converged');
      }
      for (const i of [0, 1, 3])
        expect(
          distance(numbers[i]!, solveLinear(transposed(matrices[i]!), rhs[i]!)),
          `row ${i}, in a batch with a system that has no solution`,
        ).toBeLessThan(1e-4);
    });

    law('the result of a row does not depend on its batch', () => {
      // The right-hand sides have different norms, and some are zero: a norm or a step length that is shared by the
      // batch would change the results of the rows.
      const { event, matrices, rhs } = system([4], 20, 0.9);
      const uneven = {
        event,
        matrices,
        rhs: rhs.map((row, i) => row.map((entry) => entry * [1, 1e-3, 0, 1e3, 30][i % 5]!)),
      };
      const batch = run(uneven).numbers;
      for (const i of [0, 1, 8, 19]) {
        const alone = run({ event, matrices: [matrices[i]!], rhs: [uneven.rhs[i]!] }).numbers[0]!;
        expect(distance(alone, batch[i]!), `row ${i}`).toBeLessThanOrEqual(2e-6 * Math.hypot(...alone));
      }
    });

    law('a bad row does not change other rows', () => {
      const ordinary = system([3], 30, 0.8);
      const good = run(ordinary);
      const bad = (value: number): readonly System[] => [
        { ...ordinary, rhs: ordinary.rhs.with(17, [value, 0, 1]) },
        {
          ...ordinary,
          matrices: ordinary.matrices.with(17, [
            [value, 0, 0],
            [0, 1, 0],
            [0, 0, 1],
          ]),
        },
      ];
      for (const spoiled of [...bad(Number.NaN), ...bad(Number.POSITIVE_INFINITY)]) {
        const { status, stats, numbers } = run(spoiled);
        expectAgreement(numbers.flat(), good.numbers.flat(), {
          what: 'beside a bad row',
          width: 3,
          except: (row) => row === 17,
        });
        expectAgreement(
          stats.converged,
          ordinary.rhs.map((_, i) => (i === 17 ? 0 : 1)),
          { what: 'the flags of convergence' },
        );
        expect(status).not.toBe('converged');
      }
    });

    law('gradients through `implicit` agree with finite differences', () => expectImplicitGradients(method));

    law('returns one tensor and keeps none', () => {
      const { event, matrices, rhs } = system([3], 4, 0.7);
      const linearization = linearOf(event, matrices);
      const right = tensor2d(rhs.map((row) => [...row]));
      const spoiled = tensor2d(rhs.with(0, [Number.NaN, 0, 1]).map((row) => [...row]));
      expectKept('a solve', () => [method.solve(linearization, right).value])[0].dispose();
      expectKept('a solve without a solution', () => [method.solve(linearization, spoiled).value])[0].dispose();
      spoiled.dispose();
      expect([right, linearization.value].map((owned) => owned.isDisposed)).toEqual([false, false]);
      const throwing = (): never => {
        throw new Error('from the map');
      };
      expectKept('a product that throws', () => {
        expect(() =>
          method.solve({ ...linearization, jvp: throwing, vjp: throwing, jacobian: throwing }, right),
        ).toThrow('from the map');
        return [];
      });
      right.dispose();
      linearization.dispose();
    });
  });
};

/** Number of solves of one instance. */
const SOLVES = 45;
