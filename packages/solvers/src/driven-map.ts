import {
  assertGiven,
  capabilities,
  disposingOnThrow,
  foreign,
  kept,
  reshaped,
  scoped,
  sizeOf,
  identity,
  release,
  type DifferentiableMap,
  type Linearization,
  type SampleMap,
  type Shape,
  type Solver,
  type TensorMap,
} from '@impflow/core';
import {
  gather,
  reshape,
  tensor1d,
  tensorScatterUpdate,
  neg,
  sub,
  type Tensor,
  type Tensor1D,
} from '@tensorflow/tfjs-core';
import { select } from './batch-linalg.ts';
import { hasLinearize } from './jacobian.ts';
import type { SampleProgress } from './sample-progress.ts';

/**
 * The map of a solve, in the form that solvers call: it maps rows `[B, d]`, counts evaluations and freezes samples.
 * `freezeAt` keeps the results of done samples; `evaluateOnly` also saves the time of evaluating them, if the map and
 * the device allow it.
 */
export interface DrivenMap {
  /** Shape of the rows, `[B, d]`. */
  readonly shape: Shape;
  /** The map on rows, which solvers call; it has a `linearize` if `f` has one. */
  readonly onRows: TensorMap;
  /** Returns `y0` as rows. The result belongs to the scope of the call. */
  startRows(): Tensor;
  /** Sets the solver that calls the map from now on, for error messages. */
  calledBy(solver: Solver): void;
  /**
   * Freezes samples: inactive samples are evaluated at their best iterates. If `progress` is undefined, none are
   * frozen.
   */
  freezeAt(progress: Pick<SampleProgress, 'active' | 'value'> | undefined): void;
  /**
   * Evaluates only the samples that `flags` marks, if `f` has `among` and runs on a CPU. For the other samples it
   * returns their arguments as images. If `flags` is undefined, it evaluates all samples. Does not change `linearize`,
   * which always uses all samples.
   */
  evaluateOnly(flags: Uint8Array | undefined): void;
  /** Returns the number of evaluations so far. */
  evaluations(): number;
  /** Adds evaluations that a kernel made. */
  addEvaluations(evaluations: number): void;
}

/** Returns `f` in the form that solvers call. `y0 [B, ...event]` gives the shapes. */
export const drivenMap = (f: TensorMap, y0: Tensor): DrivenMap => {
  let evaluations = 0;
  let frozen: Pick<SampleProgress, 'active' | 'value'> | undefined;
  let evaluated: Tensor1D | undefined;
  let caller: Solver | undefined;
  const shape: [number, number] =
    y0.rank === 2 ? (y0.shape as [number, number]) : [y0.shape[0]!, sizeOf(y0.shape.slice(1))];
  /** Converts rows of the solver to the argument of `f`, and counts an evaluation. */
  const argument = (y: Tensor): Tensor => {
    assertGiven('solvers/solve', 'solver', caller, 'y to f', y, shape);
    evaluations += 1;
    return reshaped(frozen === undefined ? y : select(frozen.active, y, frozen.value), y0.shape);
  };
  /** Converts the result of `f` to rows. */
  const asRows = (x: Tensor): Tensor => {
    assertGiven('solvers/solve', 'map f solved by', caller, 'f(y)', x, y0.shape);
    return reshape(x, shape);
  };
  const { among, linearize } = f as Partial<DifferentiableMap & SampleMap>;
  /** Evaluates the samples with these indices. The other samples keep their `y`. */
  const evaluateSome = (y: Tensor, indices: Tensor1D): Tensor =>
    tensorScatterUpdate(y, reshape(indices, [-1, 1]), among!(indices)(gather(y, indices)));
  const onRows: TensorMap = (y) =>
    foreign(() => asRows(evaluated === undefined ? f(argument(y)) : evaluateSome(argument(y), evaluated)));
  const linearizeRows = (linearize: DifferentiableMap['linearize'], y: Tensor): Linearization =>
    disposingOnThrow((opened) => {
      const inner = opened(linearize(argument(y)));
      assertGiven('solvers/solve', 'map f solved by', caller, 'value of its linearization', inner.value, y0.shape);
      return linearizationOfRows(inner, y.shape);
    });
  // A GPU always evaluates all samples, because its programs must be compiled for each batch size.
  const canEvaluateSome = among !== undefined && capabilities().device === 'cpu';
  return {
    shape,
    onRows:
      linearize === undefined
        ? onRows
        : Object.assign(onRows, { linearize: (y: Tensor) => foreign(() => linearizeRows(linearize, y)) }),
    startRows: () => reshape(y0, shape),
    calledBy: (solver) => {
      caller = solver;
    },
    freezeAt: (progress) => {
      frozen = progress;
    },
    evaluateOnly: (flags) => {
      evaluated?.dispose();
      evaluated =
        flags === undefined || !canEvaluateSome
          ? undefined
          : kept(() =>
              tensor1d(
                Int32Array.from(flags.keys()).filter((i) => flags[i] !== 0),
                'int32',
              ),
            );
    },
    evaluations: () => evaluations,
    addEvaluations: (more) => {
      evaluations += more;
    },
  };
};

/** Converts a linearization on events to a linearization on rows. Takes ownership of `inner`. */
const linearizationOfRows = (inner: Linearization, shape: Shape): Linearization => {
  const event = inner.value.shape;
  const product =
    (of: (stack: Tensor) => Tensor) =>
    (stack: Tensor): Tensor =>
      scoped(() => reshape(of(reshape(stack, [stack.shape[0]!, ...event])), stack.shape));
  return { ...inner, value: reshaped(inner.value, shape), jvp: product(inner.jvp), vjp: product(inner.vjp) };
};

/** The problem that a map defines: `fixed-point` for `f(y) = y`, `root` for `F(y) = 0`, where `F(y) = y - f(y)`. */
export type Problem = Solver['problem'];

/** Converts `f` from a map of the problem `from` to a map of the problem `to`, with a `linearize` if `f` has one. */
export const asProblem = (f: TensorMap, from: Problem, to: Problem): TensorMap => (from === to ? f : identityMinus(f));

/** Returns the map `y - f(y)`. It converts either problem to the other, because `y - (y - f(y)) = f(y)`. */
const identityMinus = (f: TensorMap): TensorMap => combination(f, (image, point) => sub(point, image));

/**
 * Returns the difference between `F` and the identity: the `g` with `F(y) = y + g(y)`, for a map `f` of the problem
 * `from`. Adjoint solvers need its linearization.
 */
export const offIdentity = (f: TensorMap, from: Problem): TensorMap =>
  combination(f, from === 'fixed-point' ? (image) => neg(image) : (image, point) => sub(image, point));

/**
 * Returns a linear combination of `f(y)` and `y`, with a `linearize` if `f` has one. Because the combination is linear,
 * the same formula holds for tangents, and for Jacobians with the identity in place of `y`.
 */
const combination = (f: TensorMap, combined: (image: Tensor, point: Tensor) => Tensor): TensorMap => {
  const map: TensorMap = (y) => combined(f(y), y);
  if (!hasLinearize(f)) return map;
  return Object.assign(map, {
    linearize: (y: Tensor): Linearization => {
      const inner = f.linearize(y);
      const value = kept(() => combined(inner.value, y));
      let matrix: Tensor | undefined;
      return {
        value,
        jvp: (tangents) => scoped(() => combined(inner.jvp(tangents), tangents)),
        vjp: (cotangents) => scoped(() => combined(inner.vjp(cotangents), cotangents)),
        jacobian: () => (matrix ??= kept(() => combined(inner.jacobian(), identity(inner.jacobian().shape[1]!)))),
        dispose: () => {
          release([value, matrix]);
          inner.dispose();
        },
      };
    },
  });
};
