import { wasm } from '@impflow/backend-wasm';
import { key, drawNormal, normals, scoped, type TensorMap } from '@impflow/core';
import {
  anderson,
  broyden,
  fixedPoint,
  linearizeByTape,
  newton,
  solve,
  type AndersonState,
  type BroydenState,
  type NewtonState,
} from '@impflow/solvers';
import { onBackend } from '@impflow/testkit';
import {
  add,
  atan,
  concat,
  exp,
  matMul,
  mul,
  pow,
  scalar,
  sin,
  slice,
  sub,
  tanh,
  tensor2d,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

onBackend(wasm());

const matrix = (d: number, size: number, seed = 1): number[][] => {
  const draw = normals(key(seed), d * d);
  return Array.from({ length: d }, (_, i) =>
    [...draw.subarray(i * d, (i + 1) * d)].map((x) => (size * x) / Math.sqrt(d)),
  );
};
/** Returns a contraction whose slope is about `size`. */
const wavy = (d: number, size: number): TensorMap => {
  const [w, b] = [tensor2d(matrix(d, size / 2)), drawNormal(key(2), [1, d])];
  return (y) => sin(add(matMul(y, w), b));
};
const nested = (x: Tensor): number[][] => x.arraySync() as number[][];

describe('`broyden`', () => {
  it('the first step of `broyden` decreases the residual of every sample', () =>
    scoped(() => {
      const f = wavy(5, 0.5);
      const F: TensorMap = (y) => sub(y, f(y));
      const method = broyden();
      const first = method.init(F, drawNormal(key(3), [50, 5]));
      const second = method.step(F, first);
      second.residual.dataSync().forEach((r, i) => expect(r).toBeLessThan(first.residual.dataSync()[i]!));
    }));

  it('the updates of `broyden` satisfy the secant equation B dF = dy, even after a full memory has caused a restart', () =>
    scoped(() => {
      const f = wavy(6, 0.9);
      const F: TensorMap = (y) => sub(y, f(y));
      const method = broyden({ memory: 3 });
      let state = method.init(F, drawNormal(key(3), [4, 6])) as BroydenState;
      for (let step = 1; step <= 7; step++) {
        const before = state;
        state = method.step(F, state) as BroydenState;
        const { u, v } = state.inverse!;
        expect(u.shape).toEqual([4, ((step - 1) % 3) + 1, 6]);
        const [us, vs] = [u.arraySync(), v.arraySync()] as number[][][][];
        for (let b = 0; b < 4; b++) {
          const dF = nested(state.image)[b]!.map((x, i) => x - nested(before.image)[b]![i]!);
          const dy = nested(state.value)[b]!.map((x, i) => x - nested(before.value)[b]![i]!);
          const BdF = dF.map(
            (x, i) =>
              x +
              us![b]!.reduce(
                (total, row, k) => total + row[i]! * vs![b]![k]!.reduce((dot, w, j) => dot + w * dF[j]!, 0),
                0,
              ),
          );
          const error = Math.hypot(...BdF.map((x, i) => x - dy[i]!)) / Math.hypot(...dy);
          expect(error).toBeLessThan(1e-3);
        }
      }
    }));

  it('`broyden` does not update the inverse Jacobian of a sample that does not move', () =>
    scoped(() => {
      const F: TensorMap = (y) => mul(0.7, y);
      const method = broyden();
      let state = method.init(
        F,
        tensor2d([
          [0, 0],
          [1, 2],
        ]),
      ) as BroydenState;
      for (let i = 0; i < 6; i++) state = method.step(F, state) as BroydenState;
      expect([...state.value.dataSync()].every(Number.isFinite)).toBe(true);
      expect([...state.inverse!.u.dataSync()].every(Number.isFinite)).toBe(true);
      expect(Array.from(state.value.dataSync().slice(0, 2))).toEqual([0, 0]);
    }));

  it('if the secant equation has no solution, `broyden` does not update the inverse Jacobian', () =>
    scoped(() => {
      // F rotates by 90 degrees, so dF is orthogonal to dy = v.
      const F: TensorMap = (y) =>
        matMul(
          y,
          tensor2d([
            [0, 1],
            [-1, 0],
          ]),
        );
      const method = broyden();
      const state = method.step(F, method.init(F, tensor2d([[1, 2]]))) as BroydenState;
      expect([...state.inverse!.u.dataSync()]).toEqual([0, 0]);
    }));

  it('`broyden` converges for a contraction that needs more steps than the option `memory`', () =>
    scoped(() => {
      // The map rotates in 25 planes, by angles from 0 to pi, and scales by 0.9. Only the last of 50 steps decreases
      // the residual much.
      const angles = Array.from({ length: 25 }, (_, i) => (Math.PI * (i + 0.5)) / 25);
      const turn = tensor2d(
        Array.from({ length: 50 }, (_, i) =>
          Array.from({ length: 50 }, (_entry, j) => {
            if (i >> 1 !== j >> 1) return 0;
            return 0.9 * (i === j ? Math.cos(angles[i >> 1]!) : (j - i) * Math.sin(angles[i >> 1]!));
          }),
        ),
      );
      const f: TensorMap = (y) => add(matMul(y, turn), 1);
      for (const [solver, maxSteps] of [
        [broyden(), 100],
        [broyden({ memory: 30 }), 300],
        [broyden({ memory: 10 }), 300],
      ] as const) {
        const { status, stats } = solve(f, drawNormal(key(3), [20, 50]), {
          solver,
          problem: 'fixed-point',
          atol: 1e-5,
          maxSteps,
        });
        expect([status, stats.status.includes('diverged')]).toEqual(['converged', false]);
      }
    }));

  it('for a steep map, `broyden` converges only with a line search', () =>
    scoped(() => {
      const F: TensorMap = (y) => add(pow(y, scalar(3)), sub(mul(2, y), 1));
      const y0 = tensor2d([
        [4, -5],
        [6, 3],
      ]);
      const searching = broyden({ lineSearch: 12 });
      let state = searching.init(F, y0);
      for (let i = 0; i < 6; i++) {
        const next = searching.step(F, state);
        next.residual.dataSync().forEach((r, b) => expect(r).toBeLessThan(state.residual.dataSync()[b]!));
        state = next;
      }
      const options = { maxSteps: 60 };
      expect(solve(F, y0, { solver: searching, ...options }).status).toBe('converged');
      expect(solve(F, y0, { solver: broyden(), ...options }).status).not.toBe('converged');
    }));
});

describe('`anderson`', () => {
  it('`anderson` needs fewer evaluations than fixed-point iteration', () =>
    scoped(() => {
      const [w, b] = [tensor2d(matrix(8, 0.45)), drawNormal(key(2), [1, 8])];
      const f: TensorMap = (y) => add(matMul(y, w), b);
      const y0 = drawNormal(key(4), [30, 8]);
      const [plain, fast] = [fixedPoint(), anderson()].map((solver) => solve(f, y0, { solver, maxSteps: 500 }));
      expect([plain!.status, fast!.status]).toEqual(['converged', 'converged']);
      expect(fast!.stats.evaluations).toBeLessThan(0.6 * plain!.stats.evaluations);
    }));

  it('if all differences of gaps are zero, the iterates of `anderson` are finite', () =>
    scoped(() => {
      // y -> y + 1: all gaps are equal, so their differences are zero.
      const method = anderson({ memory: 3 });
      const shift: TensorMap = (y) => add(y, 1);
      let state = method.init(shift, tensor2d([[0, 0, 0, 0]])) as AndersonState;
      for (let i = 0; i < 6; i++) state = method.step(shift, state) as AndersonState;
      expect([...state.value.dataSync()]).toEqual([6, 6, 6, 6]);
      expect(state.differencesToPrevious!.gaps.shape).toEqual([1, 3, 4]);
      expect(Math.max(...state.differencesToPrevious!.gaps.dataSync().map(Math.abs))).toBe(0);
    }));

  it('the option `memory` limits the number of differences that `anderson` stores', () =>
    scoped(() => {
      const method = anderson({ memory: 3 });
      const f = wavy(5, 0.9);
      const states = [method.init(f, drawNormal(key(3), [2, 5])) as AndersonState];
      for (let i = 0; i < 6; i++) states.push(method.step(f, states.at(-1)!) as AndersonState);
      expect(states.map(({ differencesToPrevious: past }) => past?.values.shape[1] ?? 0)).toEqual([
        0, 0, 1, 2, 3, 3, 3,
      ]);
      const differences = (of: (state: AndersonState) => Tensor): number[][][] =>
        [3, 4, 5].map((i) => nested(sub(of(states[i]!), of(states[i - 1]!))));
      const { values, gaps } = states[6]!.differencesToPrevious!;
      for (const [history, expected] of [
        [values, differences(({ value }) => value)],
        [gaps, differences(({ gap }) => gap)],
      ] as const) {
        expect(history.arraySync()).toEqual([0, 1].map((b) => expected.map((rows) => rows[b])));
      }
    }));
});

describe('`newton`', () => {
  const F: TensorMap = (y) =>
    sub(
      y,
      add(
        mul(
          0.8,
          tanh(
            matMul(
              y,
              tensor2d([
                [0.6, -0.8],
                [0.8, 0.6],
              ]),
            ),
          ),
        ),
        0.5,
      ),
    );
  const smooth = Object.assign((y: Tensor) => F(y), { linearize: (y: Tensor) => linearizeByTape(F, y) });

  it('`newton` converges quadratically', () =>
    scoped(() => {
      const method = newton();
      let state = method.init(
        smooth,
        tensor2d([
          [2, -1],
          [0.3, 0.4],
        ]),
      ) as NewtonState;
      const residuals = [state.residual.dataSync()];
      for (let i = 0; i < 4; i++) {
        state = method.step(smooth, state) as NewtonState;
        residuals.push(state.residual.dataSync());
      }
      // |F'| <= 1.8, |F''| <= 0.8 * 0.77 * 1: the constant of quadratic convergence is below ten. The number 1e-6
      // allows for rounding errors of float32.
      for (let i = 1; i < 5; i++)
        residuals[i]!.forEach((r, b) => expect(r).toBeLessThan(10 * residuals[i - 1]![b]! ** 2 + 1e-6));
      expect(Math.max(...residuals[4]!)).toBeLessThan(1e-6);
    }));

  const byTape = (map: TensorMap) =>
    Object.assign((y: Tensor) => map(y), { linearize: (y: Tensor) => linearizeByTape(map, y) });

  it('`newton` solves systems with zero pivots', () =>
    scoped(() => {
      // The equations are shifted cyclically, so that the diagonal of the Jacobian is zero. Some equations are
      // multiplied by 100.
      for (const d of [2, 5, 20, 40]) {
        const shift = tensor2d(
          Array.from({ length: d }, (_, i) =>
            Array.from({ length: d }, (_entry, j) => (j === (i + 1) % d ? [1, 100][j % 2]! : 0)),
          ),
        );
        const shifted = byTape((y) => matMul(sub(add(y, mul(0.3, sin(y))), 0.5), shift));
        const { value, stats } = solve(shifted, drawNormal(key(4), [3, d]), { solver: newton(), atol: 1e-4, rtol: 0 });
        expect(stats.status, `${d} dimensions`).toEqual(['converged', 'converged', 'converged']);
        // The root of y + 0.3 sin y = 0.5 is 0.386648.
        value.dataSync().forEach((y) => expect(y).toBeCloseTo(0.386648, 3));
      }
    }));

  it('`newton` converges where full steps diverge, and the result of a sample does not depend on its batch', () =>
    scoped(() => {
      // For atan, full Newton steps diverge from starting points beyond 1.39.
      const flat = byTape((y) => atan(y));
      const y0 = tensor2d([
        [3, -4],
        [0.5, 0.2],
        [Number.NaN, 1],
        [30, 1],
        [-8, 900],
      ]);
      const batch = solve(flat, y0, { solver: newton(), maxSteps: 60 });
      expect(batch.stats.status).toEqual(['converged', 'converged', 'non-finite', 'converged', 'converged']);
      for (const row of [0, 1, 3, 4]) {
        const alone = solve(flat, slice(y0, [row, 0], [1, 2]), { solver: newton(), maxSteps: 60 });
        expect(alone.value.dataSync()).toEqual(slice(batch.value, [row, 0], [1, 2]).dataSync());
      }
    }));

  it('`newton` continues after a singular Jacobian', () =>
    scoped(() => {
      // The first equation is y^2 = 4, and the solve starts at y = 0, where the derivative is zero. The second equation
      // is linear.
      const { status, value } = solve(
        byTape((y) => sub(mul(y, add(mul(y, tensor2d([[1, 0]])), tensor2d([[0, 1]]))), 4)),
        tensor2d([
          [0, 1],
          [1e-6, 1],
        ]),
        { solver: newton() },
      );
      expect(status).not.toBe('non-finite');
      expect(Math.abs((value.arraySync() as number[][])[1]![0]!)).toBeCloseTo(2, 5);
    }));

  it("`newton` solves Rosenbrock's valley and a badly scaled system", () =>
    scoped(() => {
      const parts = (y: Tensor): readonly [Tensor, Tensor] => [slice(y, [0, 0], [-1, 1]), slice(y, [0, 1], [-1, 1])];
      const valley = byTape((y) => {
        const [p, q] = parts(y);
        const gap = sub(q, mul(p, p));
        return concat([sub(mul(2, sub(p, 1)), mul(400, mul(p, gap))), mul(200, gap)], 1);
      });
      const powell = byTape((y) => {
        const [p, q] = parts(y);
        return concat([sub(mul(1e4, mul(p, q)), 1), sub(add(exp(mul(-1, p)), exp(mul(-1, q))), 1.0001)], 1);
      });
      const starts = drawNormal(key(11), [40, 2]);
      const options = { atol: 1e-5, rtol: 0, maxSteps: 100, divergence: Infinity };
      expect(solve(valley, mul(1.5, starts), { solver: newton(), ...options }).status).toBe('converged');
      expect(solve(powell, mul(2, starts), { solver: newton(), ...options }).status).toBe('converged');
    }));

  it('`newton` throws for a map without `linearize` and for too many dimensions', () =>
    scoped(() => {
      expect(() => solve(F, tensor2d([[0, 0]]), { solver: newton() })).toThrow(
        /expected a map with linearize, got a plain function\. Pass Object\.assign/,
      );
      expect(() => solve(smooth, tensor2d([[0, 0]]), { solver: newton({ maxDim: 1 }) })).toThrow(
        /expected at most 1, got 2/,
      );
    }));
});
