import { cpu } from '@impflow/backend-cpu';
import { scoped, sizeOf, type Linearization } from '@impflow/core';
import { anderson, fixedPoint, iterativeAdjoint, solve, type AdjointSolver } from '@impflow/solvers';
import { testAdjointSolver } from '@impflow/testkit';
import {
  add,
  cast,
  equal,
  expandDims,
  keep,
  mean,
  mul,
  neg,
  notEqual,
  reshape,
  squeeze,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';

const adjoint = iterativeAdjoint();
const sound: AdjointSolver = { ...adjoint, name: 'sound' };
/** If there is no solution, this solver diverges slowly, so that float32 can still represent the residual. */
const plain = iterativeAdjoint({ solver: fixedPoint(), fallback: [], maxSteps: 1000 });

/** Makes an adjoint solver that solves a changed system, or changes the solution. */
const changed = (
  name: string,
  {
    system = (it) => it,
    solution = (it) => it,
  }: {
    readonly system?: (g: Linearization) => Linearization;
    readonly solution?: (value: Tensor, rhs: Tensor) => Tensor;
  },
): AdjointSolver => ({
  name,
  solve: (g, rhs, onEnd) => {
    const solved = adjoint.solve(system(g), rhs, onEnd);
    const value = scoped(() => solution(solved.value, rhs));
    if (value !== solved.value) solved.value.dispose();
    return { ...solved, value };
  },
});

const broken: readonly AdjointSolver[] = [
  changed('the wrong sign', { solution: neg }),
  changed('forgets the transpose', { system: (g) => ({ ...g, jvp: g.vjp, vjp: g.jvp }) }),
  changed('forgets the transpose above 16 dimensions', {
    system: (g) => (sizeOf(g.value.shape.slice(1)) > 16 ? { ...g, jvp: g.vjp, vjp: g.jvp } : g),
  }),
  // Solves with (I - J)^T in place of (I + J)^T.
  changed('subtracts the Jacobian', { system: (g) => ({ ...g, vjp: (u) => neg(g.vjp(u)) }) }),
  changed('off by a thousandth', { solution: (value) => mul(value, 1.001) }),
  changed('mixes rows', { solution: (value) => add(value, mul(1e-3, mean(value, 0, true))) }),
  changed('spreads NaN', { solution: (value) => add(value, mul(0, mean(value))) }),
  changed('leaks a tensor', {
    solution: (value) => {
      keep(value.clone());
      return value;
    },
  }),
  changed('disposes its right-hand side', {
    solution: (value, rhs) => {
      rhs.dispose();
      return value;
    },
  }),
  {
    ...sound,
    name: 'always converges',
    solve: (g, rhs, onEnd) => {
      const { value, stats } = plain.solve(g, rhs);
      const end = {
        status: 'converged',
        stats: { ...stats, converged: stats.converged.map(() => 1), residual: stats.residual.map(() => 0) },
      } as const;
      onEnd?.(end);
      return { value, ...end };
    },
  },
  // The tolerance is not relative to the right-hand side: with a right-hand side of size 1e-9, the starting point
  // counts as converged.
  {
    ...sound,
    name: 'an absolute tolerance',
    solve: (g, rhs, onEnd) =>
      solve((u) => sub(rhs, squeeze(g.vjp(expandDims(u, 0)), [0])), rhs, {
        solver: anderson(),
        atol: 1e-6,
        rtol: 1e-6,
        maxSteps: 500,
        ...(onEnd === undefined ? {} : { onEnd }),
      }),
  },
  { ...sound, name: 'does not call onEnd', solve: (g, rhs) => adjoint.solve(g, rhs) },
  {
    ...sound,
    name: 'leaks where there is no solution',
    solve: (g, rhs, onEnd) => {
      const solved = adjoint.solve(g, rhs, onEnd);
      if (solved.status !== 'converged') keep(solved.value.clone());
      return solved;
    },
  },
];

const untransposed = (g: Linearization): Linearization => ({ ...g, jvp: g.vjp, vjp: g.jvp });
let solves = 0;
/** Adjoint solvers that are wrong only at large sizes, for special right-hand sides, or after many solves. */
const rarely: readonly AdjointSolver[] = [
  changed('forgets the transpose above 20 entries', {
    system: (g) => (sizeOf(g.value.shape.slice(1)) > 20 ? untransposed(g) : g),
  }),
  changed('forgets the transpose above 64 rows', { system: (g) => (g.value.shape[0]! > 64 ? untransposed(g) : g) }),
  changed('20 percent too large for a unit vector', {
    solution: (value, rhs) => {
      const entries = cast(notEqual(rhs, 0), 'float32');
      const counts = sum(reshape(entries, [rhs.shape[0]!, -1]), 1);
      const ofUnit = mul(sizeOf(rhs.shape.slice(1)) > 1 ? 0.2 : 0, cast(equal(counts, 1), 'float32'));
      return mul(value, reshape(add(1, ofUnit), [-1, ...rhs.shape.slice(1).map(() => 1)]));
    },
  }),
  changed('a zero for each zero of the right-hand side', {
    solution: (value, rhs) => mul(value, cast(notEqual(rhs, 0), 'float32')),
  }),
  changed('off by a thousandth from the 41st solve on', {
    solution: (value) => (++solves > 40 ? mul(value, 1.001) : value),
  }),
];

for (const each of [sound, ...broken, ...rarely]) testAdjointSolver({ adjoint: () => each, backends: [cpu()] });
