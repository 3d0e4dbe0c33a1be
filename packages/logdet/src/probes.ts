import {
  fold,
  FlowError,
  drawNormal,
  drawRademacher,
  scoped,
  sizeOf,
  unitTangents,
  shown,
  type Key,
} from '@impflow/core';
import { mul, reshape, stack, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Kind of the random directions `v`, called probes. Probes satisfy `E[v v^T] = I`, so that `E[v^T A v] = tr A`.
 * `rademacher`: random signs, which have the least variance of all random directions with independent entries.
 * `gaussian`: standard normal entries. `basis`: all `d` scaled coordinate directions, which give the exact trace
 * without randomness, at `d` products per power.
 *
 * @see Hutchinson, A Stochastic Estimator of the Trace of the Influence Matrix, 1990.
 */
export type ProbeKind = 'rademacher' | 'gaussian' | 'basis';

/** Options of the probes. */
export interface ProbeOptions {
  /** Kind of the probes. Default `rademacher`. */
  readonly probe?: ProbeKind | undefined;
  /**
   * Number of probes per sample. The estimates of all probes are averaged. Default 1; `basis` always uses `d` probes.
   */
  readonly probes?: number | undefined;
}

/** Draws probes `[P, B, ...event]` for a batch of shape `[B, ...event]`. */
export type DrawProbes = (shape: readonly number[], key: Key) => Tensor;

/**
 * Checks the options and returns a function that draws probes. `at` is the name of the calling function for error
 * messages.
 *
 * @remarks The probe of row `i` depends only on the key and on `i`. Rows appended to a batch therefore do not change
 * the probes of the earlier rows. With a key from `forRows` of `@impflow/core`, the probe depends on the name of the
 * row instead of `i`.
 * @throws `option` for an unknown kind, or a number of probes that is not a positive integer.
 */
export const probing = (at: string, { probe = 'rademacher', probes = 1 }: ProbeOptions): DrawProbes => {
  if (!Object.hasOwn(drawers, probe)) {
    throw new FlowError('option', at, 'Unknown probe', {
      expected: `one of ${Object.keys(drawers).join(', ')}`,
      got: `"${String(probe)}"`,
    });
  }
  assertCount(at, 'probes', probes, 1);
  return (shape, key) => scoped(() => drawers[probe](shape, key, probes));
};

const independent =
  (draw: (key: Key, shape: readonly number[]) => Tensor) =>
  (shape: readonly number[], key: Key, count: number): Tensor =>
    stack(Array.from({ length: count }, (_, p) => draw(fold(key, p), shape)));

const drawers: Readonly<Record<ProbeKind, (shape: readonly number[], key: Key, count: number) => Tensor>> = {
  rademacher: independent(drawRademacher),
  gaussian: independent(drawNormal),
  // The probes are the d directions v = sqrt(d) e_i. The mean of v v^T over these directions is I.
  basis: (shape) => {
    const dim = sizeOf(shape.slice(1));
    return mul(reshape(unitTangents(shape[0]!, dim), [dim, ...shape]), Math.sqrt(dim));
  },
};

/**
 * Checks that `value` is an integer of at least `least`.
 *
 * @throws `option` otherwise.
 */
export const assertCount = (at: string, name: string, value: number, least: number): void => {
  if (Number.isInteger(value) && value >= least) return;
  throw new FlowError('option', at, `Wrong ${name}`, {
    expected: `an integer of at least ${least}`,
    got: shown(value),
  });
};
