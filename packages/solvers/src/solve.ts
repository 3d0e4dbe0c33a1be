import { gather, reshape, slice, tensor1d, tensorScatterUpdate, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import {
  advance, assertGiven, assertMethods, attempt, calling, capabilities, disposingOnThrow, FlowError, foreign, kept, offTape, reshaped, scoped, sizeOf,
  type DifferentiableMap, type Iterate, type Linearization, type SampleMap, type Shape, type Solution, type SolveEnd, type Solver, type TensorMap, type WholeMap, type WholeRun,
} from '@impflow/core';
import { otherForm, type Form } from './forms.ts';
import { assertSolveOptions } from './options.ts';
import { begin, concludeNow, judgedBy, proceed, select, type Best, type Criteria, type Outcome, type Progress } from './progress.ts';
import { blindly, concludeLater } from './unread.ts';

/**
 * Called with the end of a solve: before `solve` returns where the backend can be read at once, else when `settle` of
 * core has read it.
 */
export type OnEnd = (end: SolveEnd) => void;

/** Argument of `onCheck`. */
export interface SolveCheck {
  /** Name of the solver that runs. */
  readonly solver: string;
  /** Number of steps of this solver so far. */
  readonly step: number;
  /** Number of samples that are neither done nor lost. */
  readonly active: number;
}

/** Options of {@link solve}. */
export interface SolveOptions {
  /** Form of `f`: `f(y) = y` (`fixed-point`) or `f(y) = 0` (`root`). Default: the solver's own. */
  readonly problem?: Form;
  /** Absolute tolerance. A sample is done once its residual is at most `atol + rtol |value|`. Default 1e-6. */
  readonly atol?: number;
  /** Tolerance relative to the norm of the value. Default 1e-6. */
  readonly rtol?: number;
  /** Largest number of steps of the solver. Default 50. */
  readonly maxSteps?: number;
  /**
   * Largest number of steps of each solver of `fallback`. Default 500, or `maxSteps` if that is more. Fixed-point
   * iteration needs about `log(rtol) / log(L)` steps: 450 at `L = 0.97`.
   */
  readonly fallbackSteps?: number;
  /**
   * Steps between two checks. Each check waits for the device. The value does not depend on it. Default: 1 where
   * waiting costs little, else up to 8, which balances waiting against surplus steps. On backends that cannot be read
   * at once there are no checks; see `settle` of core.
   */
  readonly checkEvery?: number;
  /** A sample is lost to a solver once its residual reaches this multiple of its first. Default 1e4. */
  readonly divergence?: number;
  /**
   * Solvers for the samples that have not converged. They run in order, each from the best iterates so far. Default
   * none.
   */
  readonly fallback?: readonly Solver[];
  /** Called at each check. */
  readonly onCheck?: (check: SolveCheck) => void;
  /** Called with the end of the solve. */
  readonly onEnd?: OnEnd;
  /** Aborts the solve: the next check throws the reason of the signal. */
  readonly signal?: AbortSignal;
}

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
 * {@link orThrow}.
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { anderson, solve } from '@impflow/solvers';
 * import { cos, tensor2d } from '@tensorflow/tfjs-core';
 *
 * await wasm().start();
 * const { value, status } = solve(anderson(), (y) => cos(y), tensor2d([[0], [3]]));
 * console.log(status, value.dataSync()); // 0.739085 twice
 * ```
 */
export const solve = (solver: Solver, f: TensorMap, y0: Tensor, options: SolveOptions = {}): Solution => {
  const { problem = solver.problem, atol = 1e-6, rtol = 1e-6, maxSteps = 50, checkEvery = lookEvery(), divergence = 1e4, fallback = [], onCheck, onEnd, signal } = options;
  const { fallbackSteps = Math.max(500, maxSteps) } = options;
  const counts = [maxSteps, fallbackSteps, checkEvery];
  if (!(atol >= 0 && rtol >= 0 && divergence > 1 && counts.every((count) => Number.isInteger(count) && count > 0))) assertSolveOptions({ atol, rtol, maxSteps, fallbackSteps, checkEvery, divergence });
  for (const method of [solver, ...fallback]) assertSolver(method);
  const criteria: Criteria = { atol, rtol, divergence };
  const watched = watch(f, y0);
  const turn = (method: Solver, most: number): Turn => {
    let map = watched.map;
    const checked = (called: 'init' | 'step', body: () => Iterate): Iterate => {
      const state = calling('solvers/solve', 'solver', method, called, body);
      assertGiven('solvers/solve', 'solver', method, 'value', state?.value, watched.shape);
      assertGiven('solvers/solve', 'solver', method, 'residual', state.residual, watched.shape.slice(0, 1));
      return state;
    };
    return {
      method, most,
      begin: (before) => {
        watched.freeze(undefined);
        watched.serve(method);
        if (problem !== method.problem) map = otherForm(watched.map);
        return begin(checked('init', () => method.init(map, before?.value.clone() ?? watched.start())), before, criteria);
      },
      next: (progress, frozen) => {
        watched.freeze(frozen ? progress : undefined);
        return proceed(progress, checked('step', () => method.step(map, progress.state)), criteria);
      },
    };
  };
  const { whole } = f as Partial<WholeMap>;
  const { recipe } = solver;
  // A kernel cannot stop for a check.
  const atOnce = whole === undefined || recipe === undefined || problem !== 'fixed-point' || onCheck !== undefined || signal !== undefined ? undefined
    : () => whole(recipe, { ...criteria, maxSteps });
  const turns = [{ ...turn(solver, maxSteps), ...(atOnce === undefined ? {} : { atOnce }) }, ...fallback.map((method) => turn(method, fallbackSteps))];
  return offTape(() => {
    let end: SolveEnd | undefined;
    const value = scoped(() => {
      const counted = ({ steps, path }: Counted) => ({ steps, path, solver: path.at(-1)!, evaluations: watched.evaluations() });
      if (!capabilities().syncRead) {
        const { progress, ...run } = blindly(turns, y0.shape[0]!, attempt('solvers/solve'));
        end = concludeLater('solvers/solve', progress, counted(run), onEnd);
        return reshape(progress.value, y0.shape);
      }
      const { value, outcome: { status, residual, converged, each }, ...run } = looking(turns, watched, { checkEvery, onCheck, signal });
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
  throw new FlowError('input', 'solvers/solve', `The solver "${String(solver.name)}" does not say what it solves`, { expected: "a problem 'fixed-point' or 'root'", got: String(solver.problem) });
};

/** One solver of a solve: the first one or a fallback. */
export interface Turn {
  /** The solver. */
  readonly method: Solver;
  /** Largest number of steps. */
  readonly most: number;
  /** Runs all steps in one kernel. Returns undefined where the backend has no kernel for it. */
  readonly atOnce?: () => WholeRun | undefined;
  /** Begins at `y0`, or at the best iterates of the solvers before. */
  begin(before: Best | undefined): Progress;
  /** Makes one step. With `frozen`, samples that are not active are evaluated at their best iterates. */
  next(progress: Progress, frozen: boolean): Progress;
}

/** Cost of a run. */
export interface Counted {
  /** Steps of all solvers together. */
  readonly steps: number;
  /** Names of the solvers that ran, in order. */
  readonly path: readonly string[];
}

/**
 * Runs the solvers in order and checks every `checkEvery` steps. Each runs until no sample is active, or to its largest
 * number of steps. The next one runs only if it may help.
 */
const looking = (
  turns: readonly Turn[], watched: Watched, { checkEvery, onCheck, signal }: Required<Pick<SolveOptions, 'checkEvery'>> & { readonly [K in 'onCheck' | 'signal']: SolveOptions[K] | undefined },
): Counted & { readonly value: Tensor; readonly outcome: Outcome } => {
  const path: string[] = [];
  let steps = 0;
  const made = ({ method, most, begin, next }: Turn, before: Best | undefined): Progress => {
    let progress = scoped(() => begin(before));
    let frozen = true;
    for (let step = 0; ; step++) {
      if (step % checkEvery === 0 || step === most) {
        signal?.throwIfAborted();
        const flags = progress.active.dataSync<'bool'>() as Uint8Array;
        const active = flags.reduce((count, flag) => count + flag, 0);
        onCheck?.({ solver: method.name, step, active });
        if (active === 0 || step === most) return progress;
        frozen = active < flags.length;
        watched.narrow(active < NARROW * flags.length ? flags : undefined);
      } else frozen = true;
      progress = advance(progress, (p) => next(p, frozen));
      steps += 1;
    }
  };
  let outcome: Outcome | undefined;
  let best: Best | undefined;
  try {
    for (const turn of turns) {
      if (outcome !== undefined && !outcome.hopeful) break;
      path.push(turn.method.name);
      const run = turn.atOnce?.();
      if (run !== undefined) {
        outcome = judgedBy(run.evidence.dataSync<'float32'>() as Float32Array);
        best = { value: reshape(run.value, [run.steps.size, sizeOf(run.value.shape.slice(1))]), residual: slice(run.evidence, 0, run.steps.size) };
        steps = (run.steps.dataSync<'float32'>() as Float32Array).reduce((most, n) => Math.max(most, n), 0);
        watched.count(steps + 1);
        continue;
      }
      const progress = made(turn, best);
      watched.narrow(undefined);
      outcome = concludeNow(progress);
      best = progress;
    }
  } finally {
    watched.narrow(undefined);
  }
  return { value: best!.value, outcome: outcome!, steps, path };
};

/**
 * Share of active samples below which only these are evaluated. Above it, gathering them costs as much as it saves.
 */
const NARROW = 0.9;

/** The map as the driver instruments it: on rows `[B, d]`, counted, with frozen samples. */
interface Watched {
  /** Shape of the rows, `[B, d]`. */
  readonly shape: Shape;
  /** Returns `y0` as rows. */
  start(): Tensor;
  /** Names the solver that calls the map from now on, for errors. */
  serve(solver: Solver): void;
  /** The instrumented map, with a `linearize` where `f` has one. */
  readonly map: TensorMap;
  /** Returns the number of evaluations so far. */
  evaluations(): number;
  /** Adds evaluations that a kernel made. */
  count(evaluations: number): void;
  /** Freezes samples: those that are not active are evaluated at their best iterates. Undefined: freezes none. */
  freeze(progress: Pick<Progress, 'active' | 'value'> | undefined): void;
  /**
   * Evaluates only the samples that `flags` marks, if the map has `among` and runs on a CPU. The images of the others
   * are their own arguments. Undefined: all samples.
   */
  narrow(flags: Uint8Array | undefined): void;
}

const watch = (f: TensorMap, y0: Tensor): Watched => {
  let evaluations = 0;
  let frozen: Pick<Progress, 'active' | 'value'> | undefined;
  let samples: Tensor1D | undefined;
  const shape: [number, number] = y0.rank === 2 ? y0.shape as [number, number] : [y0.shape[0]!, sizeOf(y0.shape.slice(1))];
  let served: Solver | undefined;
  /** Returns the result of `f` as rows. */
  const rows = (x: Tensor): Tensor => {
    assertGiven('solvers/solve', 'map f under the solver', served, 'f(y)', x, y0.shape);
    return reshape(x, shape);
  };
  const place = (y: Tensor): Tensor => {
    assertGiven('solvers/solve', 'solver', served, 'y to f', y, shape);
    evaluations += 1;
    return reshape(frozen === undefined ? y : select(frozen.active, y, frozen.value), y0.shape);
  };
  const { among, linearize } = f as Partial<DifferentiableMap & SampleMap>;
  /** Evaluates the samples at the indices `at`. The others keep their `y`. */
  const some = (y: Tensor, at: Tensor1D): Tensor => tensorScatterUpdate(y, reshape(at, [-1, 1]), among!(at)(gather(y, at)));
  const map: TensorMap = (y) => foreign(() => rows(samples === undefined ? f(place(y)) : some(place(y), samples)));
  const located = (linearize: DifferentiableMap['linearize'], y: Tensor): Linearization => disposingOnThrow((opened) => {
    const inner = opened(linearize(place(y)));
    assertGiven('solvers/solve', 'map f under the solver', served, 'value of its linearization', inner.value, y0.shape);
    return onRows(inner, y.shape);
  });
  // Not on a GPU, which compiles its programs for each size.
  const narrows = among !== undefined && capabilities().device === 'cpu';
  return {
    shape,
    start: () => reshape(y0, shape),
    serve: (solver) => { served = solver; },
    map: linearize === undefined ? map : Object.assign(map, { linearize: (y: Tensor) => foreign(() => located(linearize, y)) }),
    evaluations: () => evaluations,
    count: (more) => { evaluations += more; },
    freeze: (progress) => { frozen = progress; },
    narrow: (flags) => {
      samples?.dispose();
      samples = flags === undefined || !narrows ? undefined : kept(() => tensor1d(Int32Array.from(flags.keys()).filter((i) => flags[i] !== 0), 'int32'));
    },
  };
};

/** Converts a linearization of events to one of rows. Takes ownership of `inner`. */
const onRows = (inner: Linearization, shape: Shape): Linearization => {
  const event = inner.value.shape;
  const product = (of: (stack: Tensor) => Tensor) => (stack: Tensor): Tensor => scoped(() => reshape(of(reshape(stack, [stack.shape[0]!, ...event])), stack.shape));
  return { ...inner, value: reshaped(inner.value, shape), jvp: product(inner.jvp), vjp: product(inner.vjp) };
};

/**
 * Returns the default number of steps between two checks. With a check every `k` of `n` steps, a solve costs `n / k`
 * waits and `k / 2` surplus steps. The minimum is at `k = sqrt(2 n wait / step)`.
 */
const lookEvery = (): number => {
  const { readBack } = capabilities();
  if (readBack === undefined) return 1;
  const step = OPERATIONS * readBack.operationMs;
  return Math.max(1, Math.min(8, Math.round(Math.sqrt(2 * STEPS * readBack.readMs / step))));
};

/** Typical number of steps of a solve in training, from the benchmarks. */
const STEPS = 5;
/** Operations of a step: a net of three layers, the solver and the driver. */
const OPERATIONS = 40;

/**
 * Returns the solution if every sample converged. Otherwise disposes its value and throws.
 *
 * @throws `convergence`, with the number of failed samples and a hint.
 */
export const orThrow = (solution: Solution): Solution => {
  const { value, status, stats: { path, steps, residual, converged } } = solution;
  if (status === 'converged') return solution;
  value.dispose();
  const undone = [...residual].filter((_, i) => converged[i] === 0);
  // Math.max returns NaN if one residual is NaN.
  throw new FlowError('convergence', 'solvers/solve', `${path.join(', then ')} stopped after ${steps} steps (${status}) on ${undone.length} of ${residual.length} samples`, {
    expected: 'residual <= atol + rtol |value|', got: Math.max(...undone).toExponential(1), hint: HINTS[status],
  });
};

const HINTS = {
  'max-steps': 'Raise maxSteps, or add a fallback.',
  'diverged': 'Add a fallback, or check that the map is a contraction.',
  'non-finite': 'Check the input for NaN and the Lipschitz bound of the map.',
  'unread': 'The running backend cannot be read at once: ask for onEnd within settle.',
} as const;
