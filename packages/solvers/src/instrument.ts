import {
  assertGiven,
  capabilities,
  disposingOnThrow,
  foreign,
  kept,
  reshaped,
  scoped,
  sizeOf,
  type DifferentiableMap,
  type Linearization,
  type SampleMap,
  type Shape,
  type Solver,
  type TensorMap,
} from '@impflow/core';
import { gather, reshape, tensor1d, tensorScatterUpdate, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { select, type Progress } from './progress.ts';

/** The map as the driver instruments it: on rows `[B, d]`, counted, with frozen samples. */
export interface InstrumentedMap {
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

/** Instruments a map. `y0 [B, ...event]` gives the shapes. */
export const instrument = (f: TensorMap, y0: Tensor): InstrumentedMap => {
  let evaluations = 0;
  let frozen: Pick<Progress, 'active' | 'value'> | undefined;
  let samples: Tensor1D | undefined;
  const shape: [number, number] =
    y0.rank === 2 ? (y0.shape as [number, number]) : [y0.shape[0]!, sizeOf(y0.shape.slice(1))];
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
  const some = (y: Tensor, at: Tensor1D): Tensor =>
    tensorScatterUpdate(y, reshape(at, [-1, 1]), among!(at)(gather(y, at)));
  const map: TensorMap = (y) => foreign(() => rows(samples === undefined ? f(place(y)) : some(place(y), samples)));
  const located = (linearize: DifferentiableMap['linearize'], y: Tensor): Linearization =>
    disposingOnThrow((opened) => {
      const inner = opened(linearize(place(y)));
      assertGiven(
        'solvers/solve',
        'map f under the solver',
        served,
        'value of its linearization',
        inner.value,
        y0.shape,
      );
      return onRows(inner, y.shape);
    });
  // Not on a GPU, which compiles its programs for each size.
  const narrows = among !== undefined && capabilities().device === 'cpu';
  return {
    shape,
    start: () => reshape(y0, shape),
    serve: (solver) => {
      served = solver;
    },
    map:
      linearize === undefined
        ? map
        : Object.assign(map, { linearize: (y: Tensor) => foreign(() => located(linearize, y)) }),
    evaluations: () => evaluations,
    count: (more) => {
      evaluations += more;
    },
    freeze: (progress) => {
      frozen = progress;
    },
    narrow: (flags) => {
      samples?.dispose();
      samples =
        flags === undefined || !narrows
          ? undefined
          : kept(() =>
              tensor1d(
                Int32Array.from(flags.keys()).filter((i) => flags[i] !== 0),
                'int32',
              ),
            );
    },
  };
};

/** Converts a linearization of events to one of rows. Takes ownership of `inner`. */
const onRows = (inner: Linearization, shape: Shape): Linearization => {
  const event = inner.value.shape;
  const product =
    (of: (stack: Tensor) => Tensor) =>
    (stack: Tensor): Tensor =>
      scoped(() => reshape(of(reshape(stack, [stack.shape[0]!, ...event])), stack.shape));
  return { ...inner, value: reshaped(inner.value, shape), jvp: product(inner.jvp), vjp: product(inner.vjp) };
};
