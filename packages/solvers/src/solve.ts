import {
  assertGiven,
  assertMethods,
  attempt,
  calling,
  capabilities,
  FlowError,
  offTape,
  scoped,
  type Iterate,
  type Solution,
  type SolveEnd,
  type Solver,
  type TensorMap,
  type WholeMap,
} from '@impflow/core';
import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import { runChecked } from './checked.ts';
import { otherForm } from './forms.ts';
import { instrument } from './instrument.ts';
import { assertSolveOptions } from './options.ts';
import { begin, proceed, type Criteria } from './progress.ts';
import { defaultCheckEvery, type SolveOptions } from './solve-options.ts';
import type { Counted, Turn } from './turn.ts';
import { endLater, runUnchecked } from './unchecked.ts';

/**
 * Solves `f(y) = y` or `f(y) = 0` for each sample of a batch, from `y0 [B, ...event]`. It has the only loop of the
 * package; solvers only make steps. Off the tape; see `implicit` for gradients. The value belongs to the caller.
 *
 * Samples are independent. A sample is frozen at its best iterate once it is done. So its result depends neither on the
 * others nor on how long they run. A sample that is not finite at the start delays no other.
 *
 * @remarks Costs a dozen small operations per step beside those of the solver, and reads back `[B]` flags per check.
 * Where the map has a kernel for a whole solve, the kernel replaces the first solver, unless `onCheck` or `signal` is
 * given.
 * @throws `option` for options out of range; `input` for a solver that lacks a method or a valid `problem`; `shape`
 * where `f` or a solver returns a tensor of a wrong shape; the errors of `f` and `onCheck`; the errors of a solver,
 * with its name; the reason of an aborted `signal`. A solve that does not converge returns a status: see
 * `orThrow`.
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { anderson, solve } from '@impflow/solvers';
 * import { cos, tensor2d } from '@tensorflow/tfjs-core';
 *
 * await wasm().start();
 * const { value, status } = solve((y) => cos(y), tensor2d([[0], [3]]), { solver: anderson() });
 * console.log(status, value.dataSync()); // 0.739085 twice
 * ```
 */
export const solve = (f: TensorMap, y0: Tensor, options: SolveOptions): Solution => {
  const {
    solver,
    problem = solver.problem,
    atol = 1e-6,
    rtol = 1e-6,
    maxSteps = 50,
    checkEvery = defaultCheckEvery(),
    divergence = 1e4,
    fallback = [],
    onCheck,
    onEnd,
    signal,
  } = options;
  const { fallbackSteps = Math.max(500, maxSteps) } = options;
  const counts = [maxSteps, fallbackSteps, checkEvery];
  if (!(atol >= 0 && rtol >= 0 && divergence > 1 && counts.every((count) => Number.isInteger(count) && count > 0)))
    assertSolveOptions({ atol, rtol, maxSteps, fallbackSteps, checkEvery, divergence });
  for (const method of [solver, ...fallback]) assertSolver(method);
  const criteria: Criteria = { atol, rtol, divergence };
  const instrumented = instrument(f, y0);
  const turn = (method: Solver, most: number): Turn => {
    let map = instrumented.map;
    const checked = (called: 'init' | 'step', body: () => Iterate): Iterate => {
      const state = calling('solvers/solve', 'solver', method, called, body);
      assertGiven('solvers/solve', 'solver', method, 'value', state?.value, instrumented.shape);
      assertGiven('solvers/solve', 'solver', method, 'residual', state.residual, instrumented.shape.slice(0, 1));
      return state;
    };
    return {
      method,
      most,
      begin: (before) => {
        instrumented.freeze(undefined);
        instrumented.serve(method);
        if (problem !== method.problem) map = otherForm(instrumented.map);
        return begin(
          checked('init', () => method.init(map, before?.value.clone() ?? instrumented.start())),
          before,
          criteria,
        );
      },
      next: (progress, frozen) => {
        instrumented.freeze(frozen ? progress : undefined);
        return proceed(
          progress,
          checked('step', () => method.step(map, progress.state)),
          criteria,
        );
      },
    };
  };
  const { whole } = f as Partial<WholeMap>;
  const { recipe } = solver;
  // A kernel cannot stop for a check.
  const atOnce =
    whole === undefined ||
    recipe === undefined ||
    problem !== 'fixed-point' ||
    onCheck !== undefined ||
    signal !== undefined
      ? undefined
      : () => whole(recipe, { ...criteria, maxSteps });
  const turns = [
    { ...turn(solver, maxSteps), ...(atOnce === undefined ? {} : { atOnce }) },
    ...fallback.map((method) => turn(method, fallbackSteps)),
  ];
  return offTape(() => {
    let end: SolveEnd | undefined;
    const value = scoped(() => {
      const counted = ({ steps, path }: Counted) => ({
        steps,
        path,
        solver: path.at(-1)!,
        evaluations: instrumented.evaluations(),
      });
      if (!capabilities().syncRead) {
        const { progress, ...run } = runUnchecked(turns, y0.shape[0]!, attempt('solvers/solve'));
        end = endLater('solvers/solve', progress, counted(run), onEnd);
        return reshape(progress.value, y0.shape);
      }
      const {
        value,
        outcome: { status, residual, converged, each },
        ...run
      } = runChecked(turns, instrumented, { checkEvery, onCheck, signal });
      end = { status, stats: { ...counted(run), residual, converged, status: each } };
      onEnd?.(end);
      return reshape(value, y0.shape);
    });
    return { value, ...end! };
  });
};

const assertSolver = (solver: Solver): void => {
  assertMethods('solvers/solve', 'solver', solver, ['init', 'step']);
  if (solver.problem === 'fixed-point' || solver.problem === 'root') return;
  throw new FlowError('input', 'solvers/solve', `The solver "${String(solver.name)}" does not say what it solves`, {
    expected: "a problem 'fixed-point' or 'root'",
    got: String(solver.problem),
  });
};
