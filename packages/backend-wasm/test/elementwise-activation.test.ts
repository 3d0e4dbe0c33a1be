import { wasm } from '@impflow/backend-wasm';
import { onBackend } from '@impflow/testkit';
import { getKernel, memory, tensor, tensor1d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BUILDS } from '../../testkit/private/extent.mjs';
import type { ActivationName } from '../src/kernels/elementwise/activation.ts';
import { runKernel } from './run-kernel.ts';

const TURN = 2 * Math.PI;
const logistic = (a: number): number => (a < 0 ? Math.exp(a) / (1 + Math.exp(a)) : 1 / (1 + Math.exp(-a)));

interface Activation {
  readonly activation: ActivationName;
  readonly alpha: number;
  readonly value: (a: number) => number;
  readonly slope: (a: number) => number;
  /** Expected results: the argument `a`, the value and the slope. */
  readonly special: readonly (readonly [number, number, number])[];
}

const elu = (alpha: number): Activation => ({
  activation: 'elu',
  alpha,
  value: (a) => (a > 0 ? a : alpha * Math.expm1(a)),
  slope: (a) => (a > 0 ? 1 : alpha * Math.exp(a)),
  special: [
    [0, 0, Math.fround(alpha)],
    [-0, 0, Math.fround(alpha)],
    [Infinity, Infinity, 1],
    [-Infinity, -Math.fround(alpha), 0],
  ],
});
const celu = (alpha: number): Activation => ({
  activation: 'celu',
  alpha,
  value: (a) => (a > 0 ? a : alpha * Math.expm1(a / alpha)),
  slope: (a) => (a > 0 ? 1 : Math.exp(a / alpha)),
  special: [
    [0, 0, 1],
    [-0, 0, 1],
    [Infinity, Infinity, 1],
    [-Infinity, -Math.fround(alpha), 0],
  ],
});
/** Reference formulas in float64. JavaScript's `%` reduces the argument of the sine exactly. */
const cases: readonly Activation[] = [
  {
    activation: 'sin',
    alpha: 1,
    value: (a) => Math.sin(TURN * (a % 1)) / TURN,
    slope: (a) => Math.cos(TURN * (a % 1)),
    special: [
      [0, 0, 1],
      [Infinity, NaN, NaN],
      [-Infinity, NaN, NaN],
      [3e38, 0, 1],
      [2 ** 22 + 1, 0, 1],
    ],
  },
  {
    activation: 'snake',
    alpha: 1,
    value: (a) => a / 2 + Math.sin(TURN * (a % 1)) / (2 * TURN),
    slope: (a) => Math.cos(Math.PI * (a % 1)) ** 2,
    special: [
      [0, 0, 1],
      [Infinity, NaN, NaN],
      [-Infinity, NaN, NaN],
      [2 ** 22 + 1, 2 ** 21 + 0.5, 1],
    ],
  },
  {
    activation: 'tanh',
    alpha: 1,
    value: Math.tanh,
    slope: (a) => 1 - Math.tanh(a) ** 2,
    special: [
      [0, 0, 1],
      [-0, -0, 1],
      [Infinity, 1, 0],
      [-Infinity, -1, 0],
    ],
  },
  {
    activation: 'softplus',
    alpha: 1,
    value: (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))),
    slope: logistic,
    special: [
      [Infinity, Infinity, 1],
      [-Infinity, 0, 0],
    ],
  },
  elu(1),
  elu(0.7),
  elu(3),
  celu(1),
  celu(0.25),
  celu(3),
];

const both = (activation: ActivationName, alpha: number, a: Tensor): readonly [Tensor, Tensor] =>
  runKernel('ImpflowActivation', { a }, { activation, alpha }) as [Tensor, Tensor];

describe.each(BUILDS)('activations with their slopes, %s build', (simd) => {
  onBackend(wasm({ simd }));

  it('an activation that the kernels do not implement is refused', () =>
    tidy(() => {
      expect(() => runKernel('ImpflowActivation', { a: tensor1d([1]) }, { activation: 'gelu', alpha: 1 })).toThrow(
        '[backend-wasm/kernel] No kernel for this activation: expected one of sin, snake, elu, celu, tanh, softplus, got "gelu".',
      );
    }));

  it.each(cases)(
    '$activation, alpha $alpha: the errors of value and slope are within their bounds from the smallest float to the largest',
    ({ activation, alpha, value, slope }) =>
      tidy(() => {
        const patterns = Uint32Array.from({ length: (2 ** 32 / 65537) | 0 }, (_, i) => i * 65537);
        const points = [
          ...new Float32Array(patterns.buffer).filter(Number.isFinite),
          ...Array.from({ length: 40001 }, (_, i) => Math.fround((i - 20000) / 800 + 1e-4 * Math.sin(i))),
        ];
        const [values, slopes] = both(activation, alpha, tensor1d(points)).map((t) => t.dataSync()) as [
          Float32Array,
          Float32Array,
        ];
        let worst = { value: 0, slope: 0 };
        points.forEach((a, i) => {
          const exact = value(a);
          worst = {
            value: Math.max(
              worst.value,
              Math.abs(values[i]! - exact) / Math.max(Math.abs(exact), Math.max(1, activation === 'sin' ? 1 : alpha)),
            ),
            slope: Math.max(worst.slope, Math.abs(slopes[i]! - slope(a)) / Math.max(1, alpha)),
          };
        });
        expect(worst.value).toBeLessThanOrEqual(activation === 'sin' ? 5e-8 : 2e-7);
        expect(worst.slope).toBeLessThanOrEqual(1e-6);
      }),
  );

  it.each(cases)(
    '$activation, alpha $alpha: value and slope are exact at special points and NaN',
    ({ activation, alpha, special }) =>
      tidy(() => {
        for (const points of [...special.map((point) => [point]), special]) {
          const [values, slopes] = both(activation, alpha, tensor1d(points.map(([a]) => a)));
          // Near zero only tanh is checked for the sign of its value.
          const signed = (y: number): number => (activation === 'tanh' ? y : y + 0);
          expect([...values.dataSync()].map(signed), `at ${points.map(([a]) => a)}`).toEqual(
            points.map(([, y]) => signed(y)),
          );
          expect([...slopes.dataSync()], `at ${points.map(([a]) => a)}`).toEqual(points.map(([, , s]) => s));
        }
        const [values, slopes] = both(activation, alpha, tensor1d([NaN, 1, NaN, -1, NaN]));
        for (const found of [values, slopes])
          expect([...found.dataSync()].map(Number.isNaN)).toEqual([true, false, true, false, true]);
      }),
  );

  it('activations keep the shape of their input and leak no tensor', () => {
    expect(getKernel('ImpflowActivation', 'wasm')).toBeDefined();
    const before = memory().numTensors;
    for (const shape of [[], [0], [0, 3], [2, 3, 5]])
      tidy(() => {
        const a = tensor(
          Array.from({ length: shape.reduce((p, n) => p * n, 1) }, () => 0.5),
          shape,
        );
        for (const found of both('sin', 1, a)) expect(found.shape).toEqual(shape);
      });
    expect(memory().numTensors).toBe(before);
  });
});
