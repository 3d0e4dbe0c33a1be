import type { Tensor } from '@tensorflow/tfjs-core';
import type { NamedVariables, RefreshOptions } from './contraction.ts';
import type { Key } from './key.ts';
import type { Transformed } from './logdet.ts';
import type { SolveStats, SolveStatus } from './solver.ts';
import { scoped } from './scope.ts';
import { assertShape, type Shape } from './tensor.ts';

/** What one solve inside a bijector came to. */
export interface SolveReport {
  /** Path of the bijector, for example `blocks.3`. */
  readonly at: string;
  readonly phase: 'forward' | 'inverse' | 'adjoint';
  readonly status: SolveStatus;
  readonly stats: SolveStats;
}

/** What a call may depend on besides its input and its parameters. Nothing else is consulted: no globals. */
export interface Context {
  /** Randomness of stochastic estimators. */
  readonly key: Key;
  /** Training: estimators may trade variance for speed. Default false. */
  readonly train?: boolean;
  /** `[B, m]`, for conditional bijectors. */
  readonly condition?: Tensor;
  /** Called once per solve. */
  readonly report?: (report: SolveReport) => void;
}

/** An invertible map `[B, ...shape] -> [B, ...outputShape]` with a tractable log-determinant. Forward is from data to base. */
export interface Bijector {
  readonly name: string;
  readonly shape: Shape;
  /** Of what `forward` gives, of as many elements as `shape`: the same but for maps such as a squeeze. */
  readonly outputShape: Shape;
  readonly parameters: NamedVariables;
  readonly buffers: NamedVariables;
  /** Parts of a chain, by parameter path, in the order of `forward`. */
  readonly parts?: Readonly<Record<string, Bijector>>;
  forward(x: Tensor, context: Context): Tensor;
  inverse(z: Tensor, context: Context): Tensor;
  forwardWithLogDet(x: Tensor, context: Context): Transformed;
  inverseWithLogDet(z: Tensor, context: Context): Transformed;
  /** Data-dependent start from a first batch (act-norm). Called once, before training. */
  initialize(x: Tensor, context: Context): void;
  /** Tightens Lipschitz bounds after the parameters changed. */
  refresh(options?: RefreshOptions): void;
}

/** The part an author writes; {@link defineBijector} supplies the rest. `outputShape` left out: `shape`. */
export type BijectorSpec = Pick<Bijector, 'name' | 'shape' | 'forwardWithLogDet' | 'inverseWithLogDet'> & Partial<Bijector>;

/** Turns plain mathematics into a {@link Bijector}: shape checks, scopes, and the methods that follow from others. */
export const defineBijector = (spec: BijectorSpec): Bijector => {
  const { name, shape, outputShape = shape, forwardWithLogDet, inverseWithLogDet } = spec;
  const guarded = <R>(method: 'forward' | 'inverse' | 'forwardWithLogDet' | 'inverseWithLogDet', body: (x: Tensor, context: Context) => R) => {
    const expected = method.startsWith('forward') ? shape : outputShape;
    return (x: Tensor, context: Context): R => {
      assertShape(`flows/${name}.${method}`, x, expected);
      return scoped(() => body(x, context));
    };
  };
  return Object.freeze({
    name, shape, outputShape,
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
