import { fold, FlowError, normal, rademacher, scoped, sizeOf, unitTangents, type Key } from '@impflow/core';
import { mul, reshape, stack, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Directions `v` with `E[v v^T] = I`, so that `E[v^T A v] = tr A`. `rademacher` (random signs) has the least variance of all
 * random ones with independent entries; `basis` takes the scaled coordinate directions, all of them: no randomness, the exact
 * trace, at `d` products per power.
 *
 * @see Hutchinson, A Stochastic Estimator of the Trace of the Influence Matrix, 1990.
 */
export type ProbeKind = 'rademacher' | 'gaussian' | 'basis';

export interface ProbeOptions {
  /** Default `rademacher`. */
  readonly probe?: ProbeKind | undefined;
  /** Directions per sample, whose estimates are averaged. Default 1; `basis` always takes `d`. */
  readonly probes?: number | undefined;
}

/** Draws probes `[P, B, ...event]` for a batch of that shape. */
export type DrawProbes = (shape: readonly number[], key: Key) => Tensor;

/**
 * Checks the options once and returns the function that draws.
 *
 * @remarks The probe of row `i` depends on the key and on `i` alone: the first rows of a batch get the same numbers whatever
 * follows them. Under a key of {@link forRows} it depends on the name of the row instead.
 */
export const probing = (at: string, { probe = 'rademacher', probes = 1 }: ProbeOptions): DrawProbes => {
  if (!Object.hasOwn(drawers, probe)) {
    throw new FlowError('option', at, 'Unknown probe', { expected: `one of ${Object.keys(drawers).join(', ')}`, got: `"${String(probe)}"` });
  }
  assertCount(at, 'probes', probes, 1);
  return (shape, key) => scoped(() => drawers[probe](shape, key, probes));
};

const independent = (draw: (key: Key, shape: readonly number[]) => Tensor) => (shape: readonly number[], key: Key, count: number): Tensor =>
  stack(Array.from({ length: count }, (_, p) => draw(fold(key, p), shape)));

const drawers: Readonly<Record<ProbeKind, (shape: readonly number[], key: Key, count: number) => Tensor>> = {
  rademacher: independent(rademacher),
  gaussian: independent(normal),
  // d directions sqrt(d) e_i, whose mean of v v^T is I.
  basis: (shape) => {
    const dim = sizeOf(shape.slice(1));
    return mul(reshape(unitTangents(shape[0]!, dim), [dim, ...shape]), Math.sqrt(dim));
  },
};

/** Throws an `option` error unless `value` is an integer of at least `least`. */
export const assertCount = (at: string, name: string, value: number, least: number): void => {
  if (Number.isInteger(value) && value >= least) return;
  throw new FlowError('option', at, `Wrong ${name}`, { expected: `an integer of at least ${least}`, got: String(value) });
};
