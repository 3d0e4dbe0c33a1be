import type { Tensor } from '@tensorflow/tfjs-core';
import type { NamedVariables, RefreshOptions } from './contraction.ts';
import type { Key } from './key.ts';
import type { Transformed } from './logdet.ts';
import { scoped } from './scope.ts';
import type { SolveStats, SolveStatus } from './solver.ts';
import { assertShape, type Shape } from './tensor.ts';

/** Result of one solve inside a bijector. */
export interface SolveReport {
  /** Path of the bijector, for example `blocks.3`. */
  readonly at: string;
  /** Pass that needed the solve; `adjoint` is the backward pass. */
  readonly phase: 'forward' | 'inverse' | 'adjoint';
  /** How the solve ended. */
  readonly status: SolveStatus;
  /** Number of steps, residuals, and names of the solvers that ran. */
  readonly stats: SolveStats;
}

/**
 * Arguments of a method of a bijector besides the input. The result depends only on these arguments, the input and the
 * parameters.
 */
export interface Context {
  /** Key for the random numbers of stochastic estimators. */
  readonly key: Key;
  /** Whether the call is part of training. In training, estimators may be faster with more variance. Default false. */
  readonly train?: boolean;
  /** Condition of conditional bijectors, `[B, m]`. Default: none. */
  readonly condition?: Tensor;
  /** Called once per solve. Default: no reports. */
  readonly report?: (report: SolveReport) => void;
  /**
   * Whether the result of each solve is checked for a sample of the rows, by an evaluation that does not trust the
   * solver. Default false.
   */
  readonly verify?: boolean;
}

/**
 * An invertible map `[B, ...shape] -> [B, ...outputShape]` with a tractable log-determinant. `forward` maps data to the
 * base space.
 *
 * @remarks Values and log-determinants are differentiated with respect to the input, the condition and the parameters,
 * so every operation between them needs a gradient. A comparison such as `greater` has no gradient in TensorFlow.js.
 * Its result is a constant to the gradient, so compute it off the tape: `where(offTape(() => greater(x, 0)), a, b)`.
 */
export interface Bijector {
  /** Name of the kind of bijector, for messages. */
  readonly name: string;
  /** Event shape of the input of `forward`. */
  readonly shape: Shape;
  /**
   * Event shape of the output of `forward`. Equals `shape`, except for maps such as a squeeze, which change the shape
   * and keep the number of elements.
   */
  readonly outputShape: Shape;
  /** Variables that are trained. */
  readonly parameters: NamedVariables;
  /** Variables that are saved with the model but not trained. */
  readonly buffers: NamedVariables;
  /**
   * The bijectors of a chain, by parameter path, in the order of `forward`. Absent for a bijector that is not a chain.
   */
  readonly parts?: Readonly<Record<string, Bijector>>;
  /** Returns `z [B, ...outputShape]` for `x [B, ...shape]`. @throws `shape` for another shape. */
  forward(x: Tensor, context: Context): Tensor;
  /** Returns `x [B, ...shape]` for `z [B, ...outputShape]`. @throws `shape` for another shape. */
  inverse(z: Tensor, context: Context): Tensor;
  /** Returns the result of `forward`, and `log |det dz/dx|` of each sample. */
  forwardWithLogDet(x: Tensor, context: Context): Transformed;
  /** Returns the result of `inverse`, and `log |det dx/dz|` of each sample. */
  inverseWithLogDet(z: Tensor, context: Context): Transformed;
  /** Initializes parameters from a first batch (act-norm). Called once, before training. */
  initialize(x: Tensor, context: Context): void;
  /** Tightens Lipschitz bounds after the parameters changed. */
  refresh(options?: RefreshOptions): void;
}

/**
 * The part of a {@link Bijector} that its author writes. `outputShape` is `shape` by default; see
 * {@link defineBijector}.
 */
export type BijectorSpec = Pick<Bijector, 'name' | 'shape' | 'forwardWithLogDet' | 'inverseWithLogDet'> &
  Partial<Bijector>;

/**
 * Completes a {@link Bijector} with shape checks, scopes and defaults. By default `forward` and `inverse` return the
 * values of `forwardWithLogDet` and `inverseWithLogDet`, and `initialize` and `refresh` do nothing.
 */
export const defineBijector = (spec: BijectorSpec): Bijector => {
  const { name, shape, outputShape = shape, forwardWithLogDet, inverseWithLogDet } = spec;
  const guarded = <R>(
    method: 'forward' | 'inverse' | 'forwardWithLogDet' | 'inverseWithLogDet',
    body: (x: Tensor, context: Context) => R,
  ) => {
    const expected = method.startsWith('forward') ? shape : outputShape;
    return (x: Tensor, context: Context): R => {
      assertShape(`${name}.${method}`, x, expected);
      return scoped(() => body(x, context));
    };
  };
  return Object.freeze({
    name,
    shape,
    outputShape,
    parameters: spec.parameters ?? {},
    buffers: spec.buffers ?? {},
    ...(spec.parts === undefined ? {} : { parts: spec.parts }),
    forward: guarded('forward', spec.forward ?? ((x, context) => forwardWithLogDet(x, context).value)),
    inverse: guarded('inverse', spec.inverse ?? ((z, context) => inverseWithLogDet(z, context).value)),
    forwardWithLogDet: guarded('forwardWithLogDet', forwardWithLogDet),
    inverseWithLogDet: guarded('inverseWithLogDet', inverseWithLogDet),
    initialize: spec.initialize ?? (() => {}),
    refresh: spec.refresh ?? (() => {}),
  });
};
