import { gather, reshape, slice, tensor1d, tensorScatterUpdate, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import {
  advance, assertGiven, assertMethods, attempt, calling, capabilities, disposingOnThrow, FlowError, foreign, kept, offTape, reshaped, scoped, sizeOf,
  type DifferentiableMap, type Iterate, type Linearization, type SampleMap, type Shape, type Solution, type SolveEnd, type Solver, type TensorMap, type WholeMap, type WholeRun,
} from '@impflow/core';
import { otherForm, type Form } from './forms.ts';
import { assertSolveOptions } from './options.ts';
import { begin, concludeNow, judgedBy, proceed, select, type Best, type Criteria, type Outcome, type Progress } from './progress.ts';
import { blindly, concludeLater } from './unread.ts';

/** Called with the end of a solve: at once where the backend can be read at once, else when it settles. */
export type OnEnd = (end: SolveEnd) => void;

/** What `onCheck` is told each time the driver looks. */
export interface SolveCheck {
  readonly solver: string;
  /** Steps of this solver so far. */
  readonly step: number;
  /** Samples still at work. */
  readonly active: number;
}

export interface SolveOptions {
  /** The form that `f` is written in: `f(y) = y` or `f(y) = 0`. Default: the solver's own. */
  readonly problem?: Form;
  /** A sample is done once its residual is at most `atol + rtol * |value|`. Default `1e-6` each. */
  readonly atol?: number;
  readonly rtol?: number;
  /** Steps of the solver at most. Default 50. */
  readonly maxSteps?: number;
  /**
   * Steps at most of each solver of `fallback`. Default 500, and no fewer than `maxSteps`: fixed-point iteration, the last resort,
   * needs about `log(rtol) / log(L)`, 450 at `L = 0.97`.
   */
  readonly fallbackSteps?: number;
  /**
   * Steps between two looks, each of which waits for the device. The value does not depend on it. Default: 1, or the number at which waiting costs
   * no more than the steps that come too late. Backends that cannot be read at once never look: see `settle` of core.
   */
  readonly checkEvery?: number;
  /** A sample is lost to a solver once its residual reaches this multiple of its first. Default `1e4`. */
  readonly divergence?: number;
  /** Solvers that take over the samples left undone, one after the other, each from the best iterates so far. Default none. */
  readonly fallback?: readonly Solver[];
  readonly onCheck?: (check: SolveCheck) => void;
  readonly onEnd?: OnEnd;
  /** Aborting throws the signal's reason at the next check. */
  readonly signal?: AbortSignal;
}

/**
 * Solves `f(y) = y` or `f(y) = 0` for each sample of a batch, from `y0: [B, ...event]`. The one loop of the package: solvers
 * only say how to step. Works off the tape; see `implicit` for gradients. The value belongs to the caller.
 *
 * Every sample is on its own. It is frozen at its best iterate once done, so its answer depends neither on the others nor on
 * how long they run; one that is not finite from the start delays no other.
 *
 * @remarks A dozen small operations per step beside the solver's, and one read-back of `[B]` flags per check. Where the map has a kernel for a whole solve, that runs in place of the first
 * solver, unless `onCheck` or `signal` want to look.
 * @throws `option` for options out of range; `input` for a solver without its methods; `shape` where `f` or a solver gives a tensor of a wrong shape; whatever `f` and `onCheck` throw; what a solver throws, under its name; the reason of an aborted `signal`. Failing to
 * converge is a status: see {@link orThrow}.
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
  // A kernel does not stop for a look.
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

/** A solver's turn in a solve. */
export interface Turn {
  readonly method: Solver;
  /** Steps at most. */
  readonly most: number;
  /** The whole turn in one kernel, where there is one. */
  readonly atOnce?: () => WholeRun | undefined;
  /** From the best iterates so far, where others had a turn before. */
  begin(before: Best | undefined): Progress;
  /** One more step; `frozen`: samples that are done are evaluated where they were done. */
  next(progress: Progress, frozen: boolean): Progress;
}

/** The cost of a run. */
export interface Counted {
  /** Steps of all solvers. */
  readonly steps: number;
  readonly path: readonly string[];
}

/** Each solver's turn until its samples are done, or its steps; then that of the next, on the samples left undone. */
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

/** The share of the samples at work below which they are evaluated alone: above, gathering them would cost what it spares. */
const NARROW = 0.9;

/** The map as the driver instruments it: on rows `[B, d]`, counted, with samples that are done where they were done. */
interface Watched {
  /** Of the rows, `[B, d]`. */
  readonly shape: Shape;
  /** `y0` as rows. */
  start(): Tensor;
  /** From now on this solver calls the map: it is named where it calls it wrongly. */
  serve(solver: Solver): void;
  readonly map: TensorMap;
  evaluations(): number;
  /** Evaluations that a kernel made. */
  count(evaluations: number): void;
  /** From now on a sample that is not active is evaluated at its best iterate, wherever the solver moves it. */
  freeze(progress: Pick<Progress, 'active' | 'value'> | undefined): void;
  /** From now on only samples that these flags mark are evaluated, where the map can do that; the others are their own image. */
  narrow(flags: Uint8Array | undefined): void;
}

const watch = (f: TensorMap, y0: Tensor): Watched => {
  let evaluations = 0;
  let frozen: Pick<Progress, 'active' | 'value'> | undefined;
  let samples: Tensor1D | undefined;
  const shape: [number, number] = y0.rank === 2 ? y0.shape as [number, number] : [y0.shape[0]!, sizeOf(y0.shape.slice(1))];
  let served: Solver | undefined;
  /** What `f` gave, as rows. */
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
  /** The map of the samples at work; the others stay where they are. */
  const some = (y: Tensor, at: Tensor1D): Tensor => tensorScatterUpdate(y, reshape(at, [-1, 1]), among!(at)(gather(y, at)));
  const map: TensorMap = (y) => foreign(() => rows(samples === undefined ? f(place(y)) : some(place(y), samples)));
  const located = (linearize: DifferentiableMap['linearize'], y: Tensor): Linearization => disposingOnThrow((opened) => {
    const inner = opened(linearize(place(y)));
    assertGiven('solvers/solve', 'map f under the solver', served, 'value of its linearization', inner.value, y0.shape);
    return onRows(inner, y.shape);
  });
  // A GPU compiles its programs anew for each size.
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

/** A linearization of events for vectors that are rows; it takes `inner` over. */
const onRows = (inner: Linearization, shape: Shape): Linearization => {
  const event = inner.value.shape;
  const product = (of: (stack: Tensor) => Tensor) => (stack: Tensor): Tensor => scoped(() => reshape(of(reshape(stack, [stack.shape[0]!, ...event])), stack.shape));
  return { ...inner, value: reshaped(inner.value, shape), jvp: product(inner.jvp), vjp: product(inner.vjp) };
};

/**
 * Steps between two looks by default. A look every `k` steps of `n` costs `n / k` waits, and `k / 2` steps that come too late: least at `k = sqrt(2 n wait / step)`.
 */
const lookEvery = (): number => {
  const { readBack } = capabilities();
  if (readBack === undefined) return 1;
  const step = OPERATIONS * readBack.operationMs;
  return Math.max(1, Math.min(8, Math.round(Math.sqrt(2 * STEPS * readBack.readMs / step))));
};

/** Steps of a solve in training, as the benchmarks count them. */
const STEPS = 5;
/** Operations of a step: a net of three layers, the solver and the driver. */
const OPERATIONS = 40;

/** The solution, if every sample converged. Otherwise disposes it. @throws `convergence`, with what to try. */
export const orThrow = (solution: Solution): Solution => {
  const { value, status, stats: { path, steps, residual, converged } } = solution;
  if (status === 'converged') return solution;
  value.dispose();
  const undone = [...residual].filter((_, i) => converged[i] === 0);
  // Math.max gives NaN where one is NaN: the worst there is.
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
