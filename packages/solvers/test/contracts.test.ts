import { cpu } from '@impflow/backend-cpu';
import { isFlowError, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import {
  anderson,
  fixedPoint,
  implicit,
  iterativeAdjoint,
  linearizeByTape,
  newton,
  solve,
  type AdjointSolver,
} from '@impflow/solvers';
import { onBackend } from '@impflow/testkit';
import {
  concat,
  cos,
  grad,
  memory,
  mul,
  reshape,
  slice,
  sum,
  tensor2d,
  tidy,
  zeros,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

onBackend(cpu());

const half: TensorMap = (y) => mul(0.5, cos(y));
const plain = fixedPoint() as Solver;
const mine = (changed: Partial<Solver>): Solver => ({ ...plain, name: 'mine', ...changed });

/**
 * Returns the message of the error that `body` throws, or `nothing` if it throws no error. After `body`, the number of
 * tensors must be as before.
 */
const thrownBy = (body: () => unknown): string => {
  const before = memory().numTensors;
  let message = 'nothing';
  try {
    body();
  } catch (error) {
    expect(isFlowError(error)).toBe(true);
    ({ message } = error as Error);
  }
  expect(memory().numTensors).toBe(before);
  return message;
};
const solving = (solver: Solver, f: TensorMap = half, shape: [number, number] = [4, 1]): string =>
  thrownBy(() =>
    tidy(() => {
      solve(f, zeros(shape), { solver });
    }),
  );

describe('checks of the arguments of `solve` and of the results of plugins', () => {
  it('`solve` checks the shape of `f(y)`', () => {
    expect(solving(anderson() as Solver, (y) => sum(y, 1, true), [500, 2])).toBe(
      '[solvers/solve] The map f solved by "anderson" gave a wrong f(y): expected shape [500, 2], got [500, 1].',
    );
    expect(solving(plain, (y) => reshape(y, [-1]))).toBe(
      '[solvers/solve] The map f solved by "fixed-point" gave a wrong f(y): expected shape [4, 1], got [4].',
    );
    expect(solving(plain, (() => undefined) as unknown as TensorMap)).toBe(
      '[solvers/solve] The map f solved by "fixed-point" gave a wrong f(y): expected shape [4, 1], got undefined.',
    );
  });

  it('`solve` checks the shape of a linearization', () => {
    const wide = (y: Tensor): Tensor => concat([y, y], 1);
    expect(
      solving(
        newton() as Solver,
        Object.assign((y: Tensor) => half(y), { linearize: (y: Tensor) => linearizeByTape(wide, y) }),
      ),
    ).toBe(
      '[solvers/solve] The map f solved by "newton" gave a wrong value of its linearization: expected shape [4, 1], got [4, 2].',
    );
  });

  it('`solve` checks the shapes of the value and the residual that a solver returns', () => {
    const changed = (change: (state: Iterate) => unknown): Solver =>
      mine({ step: (f, state) => change(plain.step(f, state)) as Iterate });
    expect(solving(changed((state) => ({ ...state, residual: reshape(state.residual, [4, 1]) })))).toBe(
      '[solvers/solve] The solver "mine" gave a wrong residual: expected shape [4], got [4, 1].',
    );
    expect(solving(changed((state) => ({ ...state, value: reshape(state.value, [4]) })))).toBe(
      '[solvers/solve] The solver "mine" gave a wrong value: expected shape [4, 1], got [4].',
    );
    expect(solving(changed(() => null))).toBe(
      '[solvers/solve] The solver "mine" gave a wrong value: expected shape [4, 1], got undefined.',
    );
    expect(solving(mine({ init: (f, y0) => ({ ...plain.init(f, y0), residual: zeros([]) }) }))).toBe(
      '[solvers/solve] The solver "mine" gave a wrong residual: expected shape [4], got [].',
    );
  });

  it('`solve` checks that a solver calls `f` with the shape of the batch', () => {
    expect(
      solving(
        mine({
          step: (f, state) => ({ ...plain.step(f, state), value: slice(f(concat([state.value, state.value])), 0, 4) }),
        }),
      ),
    ).toBe('[solvers/solve] The solver "mine" gave a wrong y to f: expected shape [4, 1], got [8, 1].');
  });

  it('`solve` checks the methods of the solver and of the fallbacks', () => {
    const { step, problem } = plain;
    expect(solving({ name: 'mine', problem, step } as Solver)).toBe(
      '[solvers/solve] The solver "mine" does not keep the contract of its kind: ' +
        'expected an object with the methods init, step, got no init.',
    );
    expect(
      thrownBy(() =>
        tidy(() => {
          solve(half, zeros([4, 1]), { solver: plain, fallback: [null as unknown as Solver] });
        }),
      ),
    ).toBe(
      '[solvers/solve] The solver does not keep the contract of its kind: expected an object with the methods init, step, got null.',
    );
    expect(solving(mine({ problem: 'fixpoint' as 'root' }))).toBe(
      '[solvers/solve] The solver "mine" has no valid problem: expected a problem \'fixed-point\' or \'root\', got "fixpoint".',
    );
  });

  it('`implicit` checks its adjoint solver and the shape of the solution', () => {
    const gradient = (adjoint: AdjointSolver) => (): Tensor =>
      tidy(() =>
        grad((x) =>
          sum(implicit((y, b) => mul(0.5, cos(mul(y, b!))), x, { solver: plain, inputs: [x], adjoint }).value),
        )(tensor2d([[1], [2]])),
      );
    const sound = iterativeAdjoint();
    expect(gradient({ name: 'mine' } as AdjointSolver)).toThrow(
      '[solvers/implicit] The adjoint solver "mine" does not keep the contract of its kind: ' +
        'expected an object with the methods solve, got no solve.',
    );
    expect(
      gradient({
        name: 'mine',
        solve: (g, rhs) => {
          const solved = sound.solve(g, rhs);
          return { ...solved, value: reshape(solved.value, [2]) };
        },
      }),
    ).toThrow('[solvers/implicit] The adjoint solver "mine" gave a wrong value: expected shape [2, 1], got [2].');
  });
});
