import { wasm } from '@impflow/backend-wasm';
import { derivative, onBackend } from '@impflow/testkit';
import { memory, tensor, tensor1d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BUILDS } from '../../testkit/private/extent.mjs';
import { runKernel } from './run-kernel.ts';
import { draw, expectClose } from './small-suite.ts';

const sigmoid = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
/** Derivative of the sigmoid, by a formula without cancellation. */
const rise = (x: number): number => sigmoid(x) * sigmoid(-x);
const value = (a: number, b: number): number => (a * sigmoid(b * a)) / 1.1;
const slope = (a: number, b: number): number => (sigmoid(b * a) + b * a * rise(b * a)) / 1.1;
const turn = (x: number): number => rise(x) * (2 + x * (1 - 2 * sigmoid(x)));

it('the float64 reference of the gradients of LipSwish agrees with finite differences', () => {
  for (const [a, b] of [
    [0.3, 0.9],
    [-2.1, 1.7],
    [4, 0.2],
    [0, 1],
  ] as const) {
    expect(slope(a, b)).toBeCloseTo(
      derivative((shift) => value(a + shift, b), 1e-4),
      9,
    );
    expect((b * turn(a * b)) / 1.1).toBeCloseTo(
      derivative((shift) => slope(a + shift, b), 1e-4),
      9,
    );
    expect((a ** 2 * rise(a * b)) / 1.1).toBeCloseTo(
      derivative((shift) => value(a, b + shift), 1e-4),
      9,
    );
    expect((a * turn(a * b)) / 1.1).toBeCloseTo(
      derivative((shift) => slope(a, b + shift), 1e-4),
      9,
    );
  }
});

describe.each(BUILDS)('lipSwish, %s build', (simd) => {
  onBackend(wasm({ simd }));

  it.each([0.05, 0.974, 3.3])(
    'value and slope agree with float64 for b = %d, from the smallest float to the largest',
    (exact) =>
      tidy(() => {
        const b = Math.fround(exact);
        const patterns = Uint32Array.from({ length: (2 ** 32 / 65537) | 0 }, (_, i) => i * 65537);
        const points = [
          ...new Float32Array(patterns.buffer).filter((a) => Math.abs(a) < 1e37),
          ...Array.from({ length: 40001 }, (_, i) => Math.fround((i - 20000) / 400 + 1e-4 * Math.sin(i))),
        ];
        const [values, slopes] = runKernel('ImpflowLipSwish', { a: tensor1d(points), b: tensor1d([b]) }, {}).map((t) =>
          t.dataSync(),
        ) as [Float32Array, Float32Array];
        const worst = { value: 0, slope: 0 };
        points.forEach((a, i) => {
          worst.value = Math.max(worst.value, Math.abs(values[i]! - value(a, b)) / Math.max(1, Math.abs(a)));
          worst.slope = Math.max(worst.slope, Math.abs(slopes[i]! - slope(a, b)));
        });
        expect(worst.value).toBeLessThan(2e-7);
        expect(worst.slope).toBeLessThan(6e-7);
      }),
  );

  it.each([
    [0, 5, 7],
    [1, 1, 1],
    [2, 5, 7],
    [3, 4, 16],
    [2, 33, 131],
    [6, 3, 2],
    [1, 0, 4],
    [1, 64, 1003],
  ] as const)(
    'the gradients of value and tangent products agree with float64: K = %d, B = %d, n = %d',
    (count, batch, n) =>
      tidy(() => {
        const [a, u, tangents, cotangents] = [
          draw(1, [batch, n], (z) => 3 * z),
          draw(2, [batch, n]),
          draw(3, [count, batch, n]),
          draw(4, [count, batch, n]),
        ];
        const b = Math.fround(0.974),
          size = batch * n,
          moment = new Float64Array(size),
          met = new Float64Array(size);
        tangents.values.forEach((t, at) => {
          moment[at % size]! += t * cotangents.values[at]!;
          met[at % size]! += Math.abs(t * cotangents.values[at]!);
        });
        const B = tensor1d([b]),
          [, along] = runKernel('ImpflowLipSwish', { a: a.on, b: B }, {}) as [Tensor, Tensor];
        const check = (outputs: readonly Tensor[], pairs: boolean): void => {
          const [gradient, ofB] = [outputs[0]!, outputs.at(-1)!];
          expect(outputs.map((x) => x.shape)).toEqual([[batch, n], ...(pairs ? [[count, batch, n]] : []), [1]]);
          expectClose(
            gradient,
            Float64Array.from(
              u.values,
              (v, at) => v * slope(a.values[at]!, b) + (pairs ? (moment[at]! * b * turn(a.values[at]! * b)) / 1.1 : 0),
            ),
            5e-6,
          );
          const terms = Float64Array.from(
            u.values,
            (v, at) =>
              (v * a.values[at]! ** 2 * rise(a.values[at]! * b) +
                (pairs ? moment[at]! * a.values[at]! * turn(a.values[at]! * b) : 0)) /
              1.1,
          );
          const magnitude = terms.reduce((sum, x, at) => sum + Math.abs(x) + (pairs ? met[at]! : 0), 1);
          expect(Math.abs(ofB.dataSync()[0]! - terms.reduce((sum, x) => sum + x, 0)) / magnitude).toBeLessThan(2e-7);
        };
        check(runKernel('ImpflowLipSwishPullback', { u: u.on, a: a.on, b: B, slope: along }, {}), false);
        const outputs = runKernel(
          'ImpflowLipSwishPullback',
          { u: u.on, a: a.on, b: B, slope: along, tangents: tangents.on, cotangents: cotangents.on },
          {},
        );
        check(outputs, true);
        expectClose(
          outputs[1]!,
          Float64Array.from(cotangents.values, (w, at) => w * slope(a.values[at % size]!, b)),
          1e-6,
        );
      }),
  );

  it('value and slope are correct for large numbers, and NaN for NaN', () =>
    tidy(() => {
      const a = tensor1d([1e4, -1e4, 1e30, -1e30, NaN, 0]),
        b = tensor1d([1]);
      const [values, slopes] = runKernel('ImpflowLipSwish', { a, b }, {}) as [Tensor, Tensor];
      const points = a.dataSync();
      expect([...values.dataSync()].map((v, i) => Number(Math.abs(v / (points[i]! || 1)).toFixed(5)))).toEqual([
        0.90909,
        0,
        0.90909,
        0,
        NaN,
        0,
      ]);
      expect([...slopes.dataSync()].map((s) => Number(Math.abs(s).toFixed(5)))).toEqual([
        0.90909,
        0,
        0.90909,
        0,
        NaN,
        0.45455,
      ]);
      const ones = [1, 1, 1, 1, 1, 1],
        pair = tensor(ones, [1, 6]);
      const [gradient] = runKernel(
        'ImpflowLipSwishPullback',
        { u: tensor1d(ones), a, b, slope: slopes, tangents: pair, cotangents: pair },
        {},
      ) as [Tensor];
      expect([...gradient.dataSync()].slice(0, 5).map((s) => Number(Math.abs(s).toFixed(5)))).toEqual([
        0.90909,
        0,
        0.90909,
        0,
        NaN,
      ]);
    }));

  it('the kernels of LipSwish leak no memory', () => {
    const before = memory().numTensors;
    tidy(() => {
      const [a, b] = [tensor1d([1, 2, 3]), tensor1d([1])];
      const [, along] = runKernel('ImpflowLipSwish', { a, b }, {}) as [Tensor, Tensor];
      runKernel('ImpflowLipSwishPullback', { u: a, a, b, slope: along }, {});
    });
    expect(memory().numTensors).toBe(before);
  });
});
