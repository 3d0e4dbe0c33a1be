import { fold, key, scoped, uniforms, type Key } from '@impflow/core';
import type { Layer } from '@impflow/lipschitz';
import { onesLike, Variable } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { batch, stack, units, values, WIDTH } from './activation-measures.ts';
import { expectAgreement } from './agree.ts';
import { expectConsistent } from './consistency.ts';
import { slopes, STEPS } from './differences.ts';
import { sizeFrom } from './drawn-anew.ts';
import { expectPresentParameters } from './same-tensors.ts';
import { shiftParameters } from './shifted.ts';
import type { Subject } from './subject.ts';

/** Returns an activation of `width` entries as a map for {@link expectConsistent}. */
const subjectOf = (layer: Layer, width: number, kinks: boolean): Subject => ({
  what: `the activation of ${width} entries`,
  shape: [width],
  kinks,
  // An activation may compare all entries, but it adds few numbers.
  terms: 1,
  at: (x) => {
    const trace = layer.trace(x);
    return {
      value: layer.value(x),
      jvp: (t) => layer.jvp(trace, t),
      vjp: (w) => layer.vjp(trace, w),
      pullback: (u, tangents, cotangents) => layer.pullback(trace, u, { tangents, cotangents }),
      dispose: () => {},
    };
  },
});

/** Checks an activation of many entries, and in a long batch. */
export const expectLargeSizes = (layer: Layer, kinks: boolean): void => {
  // Among 600 sorted entries, nearly every way crosses a kink.
  if (!kinks) expectConsistent(subjectOf(layer, 600, kinks), { rows: 16, stack: 1, key: key(82) });
  expectConsistent(subjectOf(layer, 48, kinks), { rows: 24, stack: 11, key: key(75) });
  expectConsistent(subjectOf(layer, WIDTH, kinks), { rows: 260, stack: 1, key: key(76) });
};

/** Checks an activation at a random even width and a random number of rows. */
export const expectDrawnSizes = (layer: Layer, kinks: boolean, k: Key): void =>
  expectConsistent(subjectOf(layer, 2 * sizeFrom(fold(k, 1), 1, 20), kinks), {
    rows: sizeFrom(fold(k, 2), kinks ? 16 : 4, 24),
    stack: sizeFrom(fold(k, 3), 1, 3),
    key: fold(k, 4),
  });

/** Checks that results for the same tensors follow a change of the parameters. */
export const expectParametersFollowed = (layer: Layer): void => {
  const variables = Object.fromEntries(
    Object.entries(layer.parameters).flatMap(([name, of]) => (of instanceof Variable ? [[name, of] as const] : [])),
  );
  scoped(() => {
    const x = batch(uniforms(key(80), 2 * WIDTH).map((u) => 4 * u - 2));
    const t = stack(uniforms(key(81), 2 * WIDTH));
    expectPresentParameters(
      (use) => {
        const at = use(x);
        const value = layer.value(at);
        const trace = layer.trace(at);
        return { 'the value': value, 'the value of the trace': trace.value, jvp: layer.jvp(trace, use(t)) };
      },
      () => {
        shiftParameters(variables, 0.3);
        layer.refresh?.({ tolerance: 1e-5 });
      },
    );
  });
};

/** Number of calls of one instance. */
const CALLS = 45;

/** Checks that values, products and gradients are the same after many calls. */
export const expectSameAfterMany = (layer: Layer): void =>
  scoped(() => {
    const x = uniforms(key(77), 2 * WIDTH).map((u) => 4 * u - 2);
    const call = (): readonly Float32Array[] => {
      const trace = layer.trace(batch(x));
      const t = stack(x);
      const pulled = layer.pullback(trace, batch(x), { tangents: t, cotangents: t });
      return [layer.value(batch(x)), layer.jvp(trace, t), layer.vjp(trace, t), pulled.x, ...pulled.weights].map(values);
    };
    const first = call();
    for (let i = 2; i < CALLS; i++) call();
    for (const [i, result] of call().entries())
      expectAgreement(result, first[i]!, {
        what: `${['the value', 'jvp', 'vjp', 'the pullback'][i] ?? `the gradient of weight ${i - 4}`} at call ${CALLS}`,
      });
  });

/** Half of the length of the interval that is searched for steep slopes and wrong curvatures. */
const HALF = 10;
/** Number of short intervals, each with one point at random. */
const INTERVALS = 40_000;

/**
 * Checks that no slope of an elementwise activation exceeds the bound, at one point in each of many short intervals
 * around zero. Other activations are not searched.
 */
export const expectNoSteepBand = (layer: Layer): void => {
  const some = batch(uniforms(key(79), 8 * WIDTH));
  const mixes = values(layer.jvp(layer.trace(some), units(some))).some(
    (slope, i) => slope !== 0 && Math.floor(i / some.size) !== i % WIDTH,
  );
  if (mixes) return;
  const points = uniforms(key(78), INTERVALS).map((u, i) => -HALF + (2 * HALF * (i + u)) / INTERVALS);
  // The product with ones contains all slopes, because the Jacobian is diagonal.
  const slopes = values(layer.jvp(layer.trace(batch(points)), onesLike(stack(points))));
  const steep = slopes.findIndex((slope) => !(Math.abs(slope) < layer.lipschitz * (1 + 1e-5)));
  if (steep >= 0)
    expect.fail(`At ${points[steep]}: expected a slope of at most ${layer.lipschitz}, got ${slopes[steep]}.`);
};

/** Number of rows at which curvatures are compared. */
const CURVED = 1000;
/** Largest error of a curvature, summed over the entries of a row. */
const CURVATURE = 5e-4;

/**
 * Compares the gradient of `<w, J t>` with differences of `J t`, at points in short intervals from -10 to 10, and
 * without a cotangent of the value. Skips the points near which the slope has a kink by its differences.
 */
export const expectCurvature = (layer: Layer): void =>
  scoped(() => {
    const size = CURVED * WIDTH;
    // The entries of a row are a quarter of the interval apart, in an order that does not depend on the row.
    const points = uniforms(key(83), size).map((u, i) => {
      const place = (i % WIDTH) * CURVED + Math.floor(i / WIDTH);
      return -HALF + (2 * HALF * (place + u)) / size;
    });
    const [t, w] = [84, 85].map((seed) => uniforms(key(seed), size).map((u) => (u < 0.5 ? -1 : 1))) as [
      Float64Array,
      Float64Array,
    ];
    const around = STEPS.map((shift) => {
      const product = values(layer.jvp(layer.trace(batch(points.map((entry) => entry + shift))), stack(t)));
      return rowSums(product.map((entry, i) => entry * w[i]!));
    });
    const zeros = batch(points.map(() => 0));
    const pulled = layer.pullback(layer.trace(batch(points)), zeros, { tangents: stack(t), cotangents: stack(w) });
    let compared = 0;
    for (const [row, gradient] of rowSums(values(pulled.x)).entries()) {
      const { central, jump } = slopes(around.map((sums) => sums[row]!));
      if (jump > CURVATURE) continue;
      compared++;
      if (!(Math.abs(gradient - central) < CURVATURE))
        expect.fail(
          `At the row ${points.slice(row * WIDTH, (row + 1) * WIDTH).join(', ')}: the gradient of <w, J t> along (1, 1, 1, 1) ` +
            `is ${gradient}, the difference ${central}.`,
        );
    }
    expect(compared, 'number of rows without a kink').toBeGreaterThan(CURVED / 4);
  });

const rowSums = (entries: ArrayLike<number>): number[] =>
  Array.from({ length: entries.length / WIDTH }, (_, row) =>
    Array.from({ length: WIDTH }, (_entry, j) => entries[row * WIDTH + j]!).reduce((sum, entry) => sum + entry, 0),
  );
