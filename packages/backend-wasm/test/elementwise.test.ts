import { wasm } from '@impflow/backend-wasm';
import { onBackend } from '@impflow/testkit';
import { grad, sum, tensor, tensor1d, tidy, elu, mul, memory, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BUILDS } from '../../testkit/private/extent.mjs';
import { references, ulp, wholeRange } from './elementwise-references.ts';

const range = wholeRange();
const exact = new Map(references.map(({ name, exact: f }) => [name, Float64Array.from(range, f)]));

/**
 * Returns the error of `found` divided by the allowed error, which is 4 ulp or 1e-6. The exact `value` is in float64.
 */
const excess = (found: number, value: number): number => {
  const rounded = Math.fround(value);
  if (Object.is(found, rounded)) return 0;
  if (Number.isNaN(value) || Number.isNaN(found)) return Number.isNaN(value) && Number.isNaN(found) ? 0 : Infinity;
  // If the computed number and the exact number are close to the overflow threshold, it is allowed that only one of the
  // two overflows.
  if (!Number.isFinite(found))
    return found === Math.sign(value) * Infinity && Math.abs(value) > 3.4028234e38 * (1 - 2 ** -22) ? 0 : Infinity;
  const error = Math.abs(found - value);
  return Math.min(error / (4 * ulp(value)), error / 1e-6);
};

describe.each(BUILDS)('functions of one variable with the %s build', (simd) => {
  onBackend(wasm({ simd }));

  it.each(references)('$name: the error is at most 4 ulp or 1e-6 over the whole range of float32', ({ name, f }) =>
    tidy(() => {
      const values = exact.get(name)!;
      const found = f(tensor1d(range)).dataSync();
      let worst = { error: 0, x: 0, found: 0, exact: 0 };
      for (let i = 0; i < range.length; i++) {
        const error = excess(found[i]!, values[i]!);
        if (error > worst.error) worst = { error, x: range[i]!, found: found[i]!, exact: values[i]! };
      }
      expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(1);
    }),
  );

  it.each(references)('$name: the relative error is small from -80 to 80', ({ name, f, exact: value }) =>
    tidy(() => {
      // No number from -80 to 80 needs the slow path of the kernels. All functions except sin and cos are correct to a
      // few ulp, even where their values are tiny.
      const xs = Float32Array.from({ length: 60001 }, (_, i) => (i - 30000) / 375 + 1e-3 * Math.sin(i)).map((x) =>
        name.startsWith('log') ? Math.abs(x) : x,
      );
      const found = f(tensor1d(xs)).dataSync();
      const zeros = name === 'sin' || name === 'cos';
      let worst = 0;
      xs.forEach((x, i) => {
        worst = Math.max(
          worst,
          Math.abs(found[i]! - value(x)) / (zeros ? Math.max(2 ** -23, ulp(value(x))) : ulp(value(x))),
        );
      });
      expect(worst).toBeLessThanOrEqual(name === 'erf' ? 7 : 4);
    }),
  );

  it.each(references)('$name: the values at special points are exact', ({ f, special }) =>
    tidy(() => {
      // Computes each point in a separate tensor, and all points in one tensor.
      for (const [x, y] of special) expect(f(tensor(x)).dataSync()[0], `at ${Object.is(x, -0) ? '-0' : x}`).toBe(y);
      expect([...f(tensor1d(special.map(([x]) => x))).dataSync()]).toEqual(special.map(([, y]) => y));
    }),
  );

  it.each(references)('$name: the result of an element does not depend on adjacent elements', ({ name, f }) =>
    tidy(() => {
      const calm = Float32Array.from({ length: 5003 }, (_, i) =>
        name.startsWith('log') ? 0.01 + i / 7 : (i - 2500) / 40,
      );
      const alone = f(tensor1d(calm)).dataSync();
      const wild = [NaN, 1e30, -1e30, Infinity, 1e-42, -0, 100, -100];
      const mixed = f(
        tensor1d(
          Float32Array.from({ length: 2 * calm.length + 1 }, (_, i) =>
            i % 2 === 0 ? wild[(i / 2) % wild.length]! : calm[(i - 1) / 2]!,
          ),
        ),
      ).dataSync();
      expect(alone.every((y, i) => Object.is(y, mixed[2 * i + 1]))).toBe(true);
      // The result of an element does not depend on its position in the vector or in the block.
      for (const start of [1, 2, 3, 517])
        expect(
          f(tensor1d(calm.slice(start)))
            .dataSync()
            .every((y, i) => Object.is(y, alone[start + i])),
        ).toBe(true);
    }),
  );

  it.each(references)('$name keeps the shape of its input, also an empty shape, and leaks no tensor', ({ f }) => {
    const before = memory().numTensors;
    for (const shape of [[], [1], [0], [3, 0], [2, 3, 5], [1, 1, 2, 3]])
      tidy(() => {
        const y = f(
          tensor(
            Array.from({ length: shape.reduce((p, n) => p * n, 1) }, () => 0.5),
            shape,
          ),
        );
        expect(y.shape).toEqual(shape);
        expect(y.dtype).toBe('float32');
      });
    expect(memory().numTensors).toBe(before);
  });

  it('sin and cos stay in [-1, 1]', () =>
    tidy(() => {
      const x = tensor1d(Float32Array.from({ length: 200001 }, (_, i) => (i - 100000) * 1e-3));
      for (const { f } of references.slice(0, 2))
        expect(
          f(x)
            .dataSync()
            .every((y) => Math.abs(y) <= 1),
        ).toBe(true);
    }));

  it('the gradient of elu is 1 for x >= 0, NaN for NaN, and e^x otherwise', () =>
    tidy(() => {
      const xs = [-Infinity, -100, -3.5, -1, -1e-6, -0, 0, 1e-6, 1, 50, NaN];
      const weights = xs.map((_, i) => i + 1);
      const found = grad((x: Tensor) => sum(mul(elu(x), tensor1d(weights))))(tensor1d(xs)).dataSync();
      const errors = xs.slice(0, -1).map((x, i) => Math.abs(found[i]! / weights[i]! - (x >= 0 ? 1 : Math.exp(x))));
      expect(Math.max(...errors)).toBeLessThanOrEqual(2e-7);
      expect(found.at(-1)).toBeNaN();
    }));
});
