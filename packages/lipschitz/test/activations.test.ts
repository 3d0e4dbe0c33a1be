import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { activations, celu, eluActivation, leakyReluActivation, type Layer } from '@impflow/lipschitz';
import { onBackend } from '@impflow/testkit';
import { expandDims, mul, onesLike, tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { some } from '../../testkit/private/extent.mjs';

/**
 * Returns value, slope and curvature of an elementwise layer at `points`, computed only from its products with tangents
 * and cotangents.
 */
const derivatives = (
  layer: Layer,
  points: readonly number[],
): { readonly value: number[]; readonly slope: number[]; readonly curvature: number[] } =>
  tidy(() => {
    const x = tensor2d([points as number[]]);
    const trace = layer.trace(x);
    const one = onesLike(x);
    const none = mul(one, 0);
    const read = (t: Tensor): number[] => Array.from(t.dataSync());
    return {
      value: read(trace.value),
      slope: read(layer.jvp(trace, expandDims(one))),
      curvature: read(layer.pullback(trace, none, { tangents: expandDims(one), cotangents: expandDims(one) }).x),
    };
  });

const sigmoid = (a: number): number => 1 / (1 + Math.exp(-a));
const softplusOf = (a: number): number => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));
const swish =
  (b: number) =>
  (a: number): number =>
    (a * sigmoid(a * b)) / 1.1;

/**
 * Definitions of the activations in float64. `kinks` lists the points where the slope or the second derivative jumps.
 */
const references: readonly {
  readonly name: string;
  readonly make: () => Layer;
  readonly f: (a: number) => number;
  readonly kinks?: readonly number[];
}[] = [
  { name: 'sin', make: () => activations.create({ name: 'sin' }), f: (a) => Math.sin(2 * Math.PI * a) / (2 * Math.PI) },
  { name: 'lipSwish', make: () => activations.create({ name: 'lipSwish' }), f: swish(softplusOf(0.5)) },
  {
    name: 'lipSwish, beta 3',
    make: () => activations.create({ name: 'lipSwish', options: { beta: 3 } }),
    f: swish(softplusOf(3)),
  },
  { name: 'elu', make: () => eluActivation(), f: (a) => (a > 0 ? a : Math.expm1(a)), kinks: [0] },
  {
    name: 'elu, alpha 0.7',
    make: () => eluActivation({ alpha: 0.7 }),
    f: (a) => (a > 0 ? a : 0.7 * Math.expm1(a)),
    kinks: [0],
  },
  { name: 'celu', make: () => celu(), f: (a) => (a > 0 ? a : Math.expm1(a)), kinks: [0] },
  { name: 'celu, alpha 2', make: () => celu({ alpha: 2 }), f: (a) => (a > 0 ? a : 2 * Math.expm1(a / 2)), kinks: [0] },
  { name: 'tanh', make: () => activations.create({ name: 'tanh' }), f: Math.tanh },
  { name: 'softplus', make: () => activations.create({ name: 'softplus' }), f: softplusOf },
  { name: 'relu', make: () => activations.create({ name: 'relu' }), f: (a) => Math.max(a, 0), kinks: [0] },
  { name: 'leakyRelu', make: () => leakyReluActivation({ slope: 0.2 }), f: (a) => (a > 0 ? a : 0.2 * a), kinks: [0] },
  {
    name: 'lipschitzCube',
    make: () => activations.create({ name: 'lipschitzCube' }),
    f: (a) => (Math.abs(a) >= 1 ? a - (Math.sign(a) * 2) / 3 : a ** 3 / 3),
    kinks: [-1, 1],
  },
  {
    name: 'pila',
    make: () => activations.create({ name: 'pila' }),
    f: (a) => (a > 0 ? a : (12.5 * a ** 3 - 5 * a ** 2 + a) * Math.exp(5 * a)),
    kinks: [0],
  },
  { name: 'identity', make: () => activations.create({ name: 'identity' }), f: (a) => a },
];

describe.each(some([cpu(), wasm()]))('activations on $name', (adapter) => {
  onBackend(adapter);

  it.each(references)('$name: value and derivatives agree with float64 on [-50, 50]', ({ make, f, kinks = [] }) => {
    const points = Array.from(
      Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) / 40 + 0.0137 * Math.sin(i)),
    ).filter((a) => kinks.every((kink) => Math.abs(a - kink) > 2e-3));
    const { value, slope, curvature } = derivatives(make(), points);
    const layer = make();
    const h = 1e-3;
    // The largest error of value, slope and curvature, each divided by its tolerance.
    const worst = { value: 0, slope: 0, steepest: 0, curvature: 0 };
    for (const [i, a] of points.entries()) {
      // Finite differences of the definition in float64, with errors of at most 1e-9 for the slope and 1e-7 for the
      // second derivative.
      const first = (8 * (f(a + h) - f(a - h)) - (f(a + 2 * h) - f(a - 2 * h))) / (12 * h);
      const second = (16 * (f(a + h) + f(a - h)) - (f(a + 2 * h) + f(a - 2 * h)) - 30 * f(a)) / (12 * h * h);
      worst.value = Math.max(worst.value, Math.abs(value[i]! - f(a)) / Math.max(1, Math.abs(a)) / 2e-7);
      worst.slope = Math.max(worst.slope, Math.abs(slope[i]! - first) / 8e-7);
      worst.steepest = Math.max(worst.steepest, Math.abs(slope[i]!) / (layer.lipschitz + 1e-6));
      worst.curvature = Math.max(worst.curvature, Math.abs(curvature[i]! - second) / 1e-5);
    }
    for (const [what, error] of Object.entries(worst)) expect(error, what).toBeLessThanOrEqual(1);
  });

  it('sin: the activation is bounded for finite inputs, and NaN for infinite inputs and NaN', () => {
    const sine = activations.create({ name: 'sin' });
    const { value, slope } = derivatives(sine, [1e6 + 0.5, -3e9, 1e20, 3e38, -3e38, NaN, Infinity, -Infinity]);
    for (const v of value.slice(0, 5)) expect(Math.abs(v)).toBeLessThanOrEqual(1 / (2 * Math.PI) + 1e-8);
    for (const s of slope.slice(0, 5)) expect(Math.abs(s)).toBeLessThanOrEqual(1);
    expect(value.slice(5)).toEqual([NaN, NaN, NaN]);
  });

  it.each(activations.names)('%s: a NaN stays NaN and does not change other rows', (name) =>
    tidy(() => {
      const layer = activations.create({ name });
      const clean = [
        [0.3, -1.2, 2.5, -0.1],
        [0.2, 0.7, -0.4, 1.5],
        [-2, 3, 0.5, 0.6],
      ];
      const dirty = clean.map((row, i) => (i === 1 ? [0.2, NaN, -0.4, 1.5] : row));
      const expected = layer.value(tensor2d(clean)).arraySync() as number[][];
      const got = layer.value(tensor2d(dirty)).arraySync() as number[][];
      expect(got[1]!.some(Number.isNaN)).toBe(true);
      expect([got[0], got[2]]).toEqual([expected[0], expected[2]]);
    }),
  );

  it('`fullSort` sorts values, and its `vjp` moves each cotangent to the position of its entry before sorting', () =>
    tidy(() => {
      const x = tensor2d([
        [3, 1, 2, 5],
        [1, 2, 2, 0],
        [-1, -1, 4, -7],
      ]);
      const u = tensor2d([
        [10, 20, 30, 40],
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ]);
      const sort = activations.create({ name: 'fullSort' });
      const sorted = sort.trace(x);
      expect(sorted.value.arraySync()).toEqual([
        [1, 2, 3, 5],
        [0, 1, 2, 2],
        [-7, -1, -1, 4],
      ]);
      const us = expandDims(u);
      expect((sort.vjp(sorted, us).arraySync() as number[][][])[0]![0]).toEqual([30, 10, 20, 40]);
      expect(sort.jvp(sorted, expandDims(x)).arraySync()).toEqual([sorted.value.arraySync()]);
      expect(sort.vjp(sorted, sort.jvp(sorted, us)).arraySync()).toEqual(us.arraySync());
      const pair = activations.create({ name: 'maxMin' });
      const paired = pair.trace(x);
      expect(paired.value.arraySync()).toEqual([
        [3, 5, 1, 2],
        [2, 2, 1, 0],
        [-1, 4, -1, -7],
      ]);
      expect(pair.vjp(paired, us).arraySync()).toEqual([
        [
          [10, 30, 40, 20],
          [3, 1, 2, 4],
          [7, 5, 6, 8],
        ],
      ]);
      expect(() => pair.value(tensor2d([[1, 2, 3]]))).toThrow(
        '[lipschitz/maxMin] Wrong width: expected an even number of features, got 3.',
      );
    }));

  it('activations quote wrong options in their errors', () => {
    expect(() => eluActivation({ alpha: 0 })).toThrow('[lipschitz/eluActivation] Wrong alpha');
    expect(() => celu({ alpha: NaN })).toThrow('[lipschitz/celu] Wrong alpha');
    expect(() => leakyReluActivation({ slope: 2 })).toThrow('[lipschitz/leakyReluActivation] Wrong slope');
    expect(() => activations.create({ name: 'lipswsh' })).toThrow('Did you mean "lipSwish"?');
  });
});
