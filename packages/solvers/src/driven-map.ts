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
 * The map of a solve, in the form that solvers call. A driven map maps rows `[B, d]`, counts evaluations and freezes
 * samples. `freezeAt` keeps the results of converged samples unchanged. `evaluateOnly` skips the evaluation of
 * converged samples, if the map and the device allow it.
 */
export interface DrivenMap {
  /** Shape of the rows, `[B, d]`. */
  readonly shape: Shape;
  /** The map on rows, which solvers call. `onRows` has the method `linearize` if `f` has this method. */
  readonly onRows: TensorMap;
  /** Returns `y0` as rows `[B, d]`. The `tidy` scope of the caller disposes of the result. */
  startRows(): Tensor;
  /** Sets the solver that calls the map from now on. Error messages contain the name of the solver. */
  calledBy(solver: Solver): void;
  /**
   * Freezes inactive samples: the map is evaluated at their best iterates. If `progress` is undefined, no sample is
   * frozen.
   */
  freezeAt(progress: Pick<SampleProgress, 'active' | 'value'> | undefined): void;
  /**
   * Restricts later evaluations to the samples that `flags` marks, if `f` has the method `among` and runs on a CPU. For
   * all other samples the map then returns its arguments. If `flags` is undefined, the map evaluates all samples.
   * `linearize` always uses all samples.
   */
  evaluateOnly(flags: Uint8Array | undefined): void;
  /** Returns the number of evaluations so far. */
  evaluations(): number;
  /** Adds the evaluations that a kernel made to the number of evaluations. */
  addEvaluations(evaluations: number): void;
}

/** Returns `f` in the form that solvers call. The shapes are taken from `y0 [B, ...event]`. */
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
  /** Evaluates the samples with the given indices. For all other samples, the result is `y`. */
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
  // On a GPU, evaluate all samples: a GPU program must be compiled for each batch size.
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

/**
 * Converts `f` from a map of the problem `from` to a map of the problem `to`. The result has the method `linearize` if
 * `f` has it.
 */
export const asProblem = (f: TensorMap, from: Problem, to: Problem): TensorMap => (from === to ? f : identityMinus(f));

/**
 * Returns the map `y - f(y)`. The formula converts a fixed-point map to a root map and back, because
 * `y - (y - f(y)) = f(y)`.
 */
const identityMinus = (f: TensorMap): TensorMap => combination(f, (image, point) => sub(point, image));

/**
 * Returns the difference between `F` and the identity: the `g` with `F(y) = y + g(y)`, for a map `f` of the problem
 * `from`. Adjoint solvers need the linearization of `g`.
 */
export const offIdentity = (f: TensorMap, from: Problem): TensorMap =>
  combination(f, from === 'fixed-point' ? (image) => neg(image) : (image, point) => sub(image, point));

/**
 * Returns the map `combined(f(y), y)`, where `combined` is linear. The result has the method `linearize` if `f` has it.
 * Because `combined` is linear, tangents are combined by the same formula, and Jacobians with the identity in place of
 * `y`.
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
