import {
  scoped,
  sizeOf,
  type Contraction,
  type Key,
  type LogDetEstimator,
  type NetLinearization,
  type Shape,
} from '@impflow/core';
import { variable, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { ripple, ripplePoints } from './ripple.ts';

/** Lipschitz bound of the map that the laws use. Below 0.7 a geometric roulette with `p = 0.5` has finite variance. */
export const LAW_SLOPE = 0.6;

/** A map and the points at which the laws evaluate it. */
export interface Setting {
  readonly g: Contraction;
  readonly x: Variable;
}

/** Makes a map of slope {@link LAW_SLOPE} and a batch of points. */
export const setting = (event: Shape, batch: number): Setting => {
  const points = ripplePoints(event, batch);
  const x = variable(points);
  points.dispose();
  return { g: ripple({ event, slope: LAW_SLOPE }), x };
};

/** Returns weight, bias and point of each row. */
export const rows = (
  g: Contraction,
  x: Tensor,
): readonly (readonly [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>])[] => {
  const d = sizeOf(g.shape);
  const points = x.dataSync();
  return Array.from(
    { length: x.shape[0]! },
    (_, i) =>
      [g.parameters['weight']!.dataSync(), g.parameters['bias']!.dataSync(), points.slice(i * d, (i + 1) * d)] as const,
  );
};

/** Runs `body` with the linearization at `x`, and disposes the linearization. */
export const at = <R>(g: Contraction, x: Tensor, tracked: boolean, body: (lin: NetLinearization) => R): R => {
  const lin = g.linearize(x, { tracked });
  try {
    return scoped(() => body(lin));
  } finally {
    lin.dispose();
  }
};

/** Returns the log-determinant of each row. */
export const logDets = (method: LogDetEstimator, g: Contraction, x: Tensor, k: Key, tracked = false): number[] =>
  at(g, x, tracked, (lin) => Array.from(method.estimate(lin, k).logDet.dataSync()));

/** Returns the gradient of the mean log-determinant with respect to weight, bias and points, in this order. */
export const gradientOf = (method: LogDetEstimator, g: Contraction, x: Tensor, k: Key): readonly number[] =>
  at(g, x, true, (lin) => {
    const { pair } = method.estimate(lin, k);
    const { x: dx, weights } = lin.pullback({ pair });
    const rows = x.shape[0]!;
    return [...g.trained(weights), dx].flatMap((gradient) => Array.from(gradient.dataSync(), (entry) => entry / rows));
  });

/** Returns the mean of observations. */
export const average = (observations: readonly (readonly number[])[]): number[] =>
  observations[0]!.map((_, i) => observations.reduce((total, row) => total + row[i]!, 0) / observations.length);
