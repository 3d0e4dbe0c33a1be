import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { key, drawNormal, normals, type Context } from '@impflow/core';
import { accuracy, batchNorm, crossEntropy, freeConv, globalAverage, rectify, type Module } from '@impflow/flows';
import { derivative, onBackend } from '@impflow/testkit';
import {
  add,
  grads,
  memory,
  mul,
  sum,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { some } from '../../testkit/private/extent.mjs';

const training: Context = { key: key(0), train: true };
const evaluation: Context = { key: key(0) };

/** Returns the largest absolute difference, divided by the largest expected number. */
const distance = (got: ArrayLike<number>, expected: readonly number[]): number => {
  if (got.length !== expected.length) return Infinity;
  const scale = Math.max(1e-30, ...expected.map(Math.abs));
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(got[i]! - value) / scale), 0);
};

/**
 * Returns the gradients of `<weights, apply(x)>`: with respect to `x`, then with respect to the parameters in their
 * order.
 */
const gradientsOf = (
  module: Pick<Module, 'apply' | 'parameters'>,
  x: Tensor,
  weights: Tensor,
  context: Context,
): readonly Tensor[] =>
  grads((...inputs: Tensor[]) => sum(mul(weights, module.apply(inputs[0]!, context))))([
    x,
    ...Object.values(module.parameters),
  ]);

/** Batch norm of `x` in float64, with the mean, the variance and the number of rows per channel. */
const normalized64 = (
  x: readonly number[],
  channels: number,
  scale: readonly number[],
  offset: readonly number[],
  fixed?: { readonly mean: readonly number[]; readonly variance: readonly number[] },
) => {
  const count = x.length / channels;
  const over = (f: (value: number, c: number) => number): number[] =>
    Array.from({ length: channels }, (_, c) => {
      let total = 0;
      for (let i = c; i < x.length; i += channels) total += f(x[i]!, c);
      return total / count;
    });
  const mean = fixed?.mean ?? over((v) => v);
  const variance = fixed?.variance ?? over((v, c) => (v - mean[c]!) ** 2);
  return {
    mean,
    variance,
    count,
    value: x.map(
      (v, i) =>
        (scale[i % channels]! * (v - mean[i % channels]!)) / Math.sqrt(variance[i % channels]! + 1e-5) +
        offset[i % channels]!,
    ),
  };
};

/** Returns the central difference of a float64 function of one entry of `x`. */
const slope = (f: (x: readonly number[]) => number, x: readonly number[], i: number): number =>
  derivative((shift) => f(x.with(i, x[i]! + shift)), 1e-3);

describe.each(some([cpu(), wasm()]))('on $name', (adapter) => {
  const { name } = adapter;
  onBackend(adapter);

  describe('batch norm', () => {
    const shape = [4, 3, 2, 3];
    const channels = 3;
    const points = [...normals(key(1), 72)].map((z, i) => [5, -1, 0][i % channels]! + [0.3, 2, 1][i % channels]! * z);
    const weights = [...normals(key(2), 72)];
    const [scale, offset] = [
      [1.5, -0.5, 2],
      [0.2, 0, -1],
    ];
    const made = (): Module => {
      const module = batchNorm({ channels });
      module.parameters['scale']!.assign(tensor1d(scale));
      module.parameters['offset']!.assign(tensor1d(offset));
      return module;
    };
    const inner = (values: readonly number[]): number => values.reduce((total, v, i) => total + v * weights[i]!, 0);

    it('in training, batch norm normalizes by the batch statistics and moves its buffers towards these statistics', () =>
      tidy(() => {
        const module = made();
        const { value, mean, variance, count } = normalized64(points, channels, scale, offset);
        expect(distance(module.apply(tensor(points, shape), training).dataSync(), value)).toBeLessThanOrEqual(2e-6);
        expect(
          distance(
            module.buffers['mean']!.dataSync(),
            mean.map((m) => 0.1 * m),
          ),
        ).toBeLessThanOrEqual(1e-6);
        expect(
          distance(
            module.buffers['variance']!.dataSync(),
            variance.map((v) => 0.9 + (0.1 * v * count) / (count - 1)),
          ),
        ).toBeLessThanOrEqual(1e-6);
      }));

    it.each([
      ['training', training],
      ['evaluation', evaluation],
    ] as const)('the gradient of batch norm agrees with finite differences in float64, in %s', (_mode, context) =>
      tidy(() => {
        const module = made();
        const fixed = { mean: [4, 0, 0.1], variance: [0.5, 3, 1] };
        module.buffers['mean']!.assign(tensor1d(fixed.mean));
        module.buffers['variance']!.assign(tensor1d(fixed.variance));
        const held = context.train === true ? undefined : fixed;
        const [ofX, ofScale, ofOffset] = gradientsOf(module, tensor(points, shape), tensor(weights, shape), context);
        expect(ofX!.shape).toEqual(shape);
        const f = (x: readonly number[], s = scale, o = offset): number =>
          inner(normalized64(x, channels, s, o, held).value);
        expect(
          distance(
            ofX!.dataSync(),
            points.map((_, i) => slope((x) => f(x), points, i)),
          ),
        ).toBeLessThanOrEqual(1e-5);
        expect(
          distance(
            ofScale!.dataSync(),
            scale.map((_, i) => slope((s) => f(points, [...s]), scale, i)),
          ),
        ).toBeLessThanOrEqual(1e-5);
        expect(
          distance(
            ofOffset!.dataSync(),
            offset.map((_, i) => slope((o) => f(points, scale, [...o]), offset, i)),
          ),
        ).toBeLessThanOrEqual(1e-5);
        expect(distance(module.buffers['mean']!.dataSync(), fixed.mean) > 1e-6).toBe(context.train === true);
      }),
    );

    it('with converged buffers, batch norm has nearly equal results in evaluation and in training', () =>
      tidy(() => {
        const module = made();
        const x = tensor(points, shape);
        for (let i = 0; i < 200; i++) module.apply(x, training).dispose();
        // Evaluation uses the unbiased variance and training uses the biased variance, so the results differ slightly.
        expect(
          distance(module.apply(x, evaluation).dataSync(), [...module.apply(x, training).dataSync()]),
        ).toBeLessThanOrEqual(0.03);
      }));

    it('batch norm accepts rows, and its results are finite on a constant channel and on a single value', () =>
      tidy(() => {
        const module = batchNorm({ channels: 2 });
        for (const x of [
          tensor2d([
            [3, 1],
            [3, 2],
          ]),
          tensor2d([[1e4, -1e4]]),
        ]) {
          const [ofX] = gradientsOf(module, x, x, training);
          for (const t of [module.apply(x, training), ofX!, ...Object.values(module.buffers)])
            expect([...t.dataSync()].every(Number.isFinite)).toBe(true);
        }
        expect(module.apply(tensor([], [0, 2]), evaluation).shape).toEqual([0, 2]);
      }));

    it('batch norm does not lose digits if the mean is large', () =>
      tidy(() => {
        const shifted = points.map((x, i) => 100 + 0.1 * x + (i % channels));
        const seen = [...tensor(shifted, shape).dataSync()];
        expect(
          distance(
            batchNorm({ channels }).apply(tensor(seen, shape), training).dataSync(),
            normalized64(seen, channels, [1, 1, 1], [0, 0, 0]).value,
          ),
        ).toBeLessThanOrEqual(1e-3);
      }));
  });

  describe.each([
    [3, 1],
    [3, 2],
    [1, 1],
    [1, 2],
  ] as const)('a free convolution of kernel %i, stride %i', (kernel, stride) => {
    it.each([
      [6, 4],
      [5, 7],
    ])('value and gradients of the convolution on %i x %i pixels agree with a plain sum in float64', (height, width) =>
      tidy(() => {
        const [rows, inputs, outputs] = [2, 3, 2];
        const module = freeConv({ inputs, outputs, kernel, stride, key: key(3) });
        const x = [...normals(key(4), rows * height * width * inputs)];
        const w = [...module.parameters['weight']!.dataSync()];
        const [tall, wide] = [Math.ceil(height / stride), Math.ceil(width / stride)];
        const u = [...normals(key(5), rows * tall * wide * outputs)];
        // Number of rows (or columns) of padding before the first row (or column) of the image: half of the total
        // padding, rounded down.
        const before = (n: number, out: number): number => Math.floor(Math.max(0, (out - 1) * stride + kernel - n) / 2);
        const [value, ofX, ofW] = [u.map(() => 0), x.map(() => 0), w.map(() => 0)];
        for (let b = 0; b < rows; b++)
          for (let i = 0; i < tall; i++)
            for (let j = 0; j < wide; j++)
              for (let p = 0; p < kernel; p++)
                for (let q = 0; q < kernel; q++) {
                  const [r, s] = [i * stride + p - before(height, tall), j * stride + q - before(width, wide)];
                  if (r < 0 || r >= height || s < 0 || s >= width) continue;
                  for (let n = 0; n < inputs; n++)
                    for (let m = 0; m < outputs; m++) {
                      const [at, of, to] = [
                        ((b * height + r) * width + s) * inputs + n,
                        ((p * kernel + q) * inputs + n) * outputs + m,
                        ((b * tall + i) * wide + j) * outputs + m,
                      ];
                      value[to]! += x[at]! * w[of]!;
                      ofX[at]! += u[to]! * w[of]!;
                      ofW[of]! += u[to]! * x[at]!;
                    }
                }
        const at = tensor(x, [rows, height, width, inputs]);
        const got = module.apply(at, evaluation);
        expect(got.shape).toEqual([rows, tall, wide, outputs]);
        expect(distance(got.dataSync(), value)).toBeLessThanOrEqual(1e-5);
        const gradients = gradientsOf(module, at, tensor(u, got.shape), evaluation);
        expect(distance(gradients[0]!.dataSync(), ofX)).toBeLessThanOrEqual(1e-5);
        expect(distance(gradients[1]!.dataSync(), ofW)).toBeLessThanOrEqual(1e-5);
      }),
    );
  });

  it('a free convolution starts with the variance 2 / (kernel^2 inputs)', () =>
    tidy(() => {
      const w = [...freeConv({ inputs: 32, outputs: 64, key: key(6) }).parameters['weight']!.dataSync()];
      const variance = w.reduce((total, v) => total + v * v, 0) / w.length;
      expect((variance * 9 * 32) / 2).toBeGreaterThan(0.95);
      expect((variance * 9 * 32) / 2).toBeLessThan(1.05);
    }));

  it('values and gradients of the mean over pixels and of the ReLU agree with float64', () =>
    tidy(() => {
      const x = [...normals(key(7), 2 * 3 * 2 * 2)];
      const [pooled, ofPooled] = [
        globalAverage(tensor(x, [2, 3, 2, 2])),
        gradientsOf(
          { apply: globalAverage, parameters: {} },
          tensor(x, [2, 3, 2, 2]),
          tensor2d([
            [1, 2],
            [3, 4],
          ]),
          evaluation,
        )[0]!,
      ];
      expect(
        distance(
          pooled.dataSync(),
          [0, 1, 2, 3].map((at) =>
            x.reduce((total, v, i) => total + (i % 2 === at % 2 && Math.floor(i / 12) === at >> 1 ? v / 6 : 0), 0),
          ),
        ),
      ).toBeLessThanOrEqual(1e-6);
      expect(
        distance(
          ofPooled.dataSync(),
          x.map((_, i) => (1 + 2 * Math.floor(i / 12) + (i % 2)) / 6),
        ),
      ).toBeLessThanOrEqual(1e-6);
      expect(
        distance(
          rectify(tensor1d(x)).dataSync(),
          [...tensor1d(x).dataSync()].map((v) => Math.max(0, v)),
        ),
      ).toBeLessThanOrEqual(0);
      expect(
        distance(
          gradientsOf(
            { apply: rectify, parameters: {} },
            tensor1d([-1, 0, 2]),
            tensor1d([3, 3, 3]),
            evaluation,
          )[0]!.dataSync(),
          [0, 0, 3],
        ),
      ).toBeLessThanOrEqual(0);
      expect(rectify(tensor1d([Number.NaN])).dataSync()[0]).toBeNaN();
    }));

  describe('cross-entropy', () => {
    const labels = [2, 0, 1, 2];
    const entropy64 = (logits: readonly (readonly number[])[]): number =>
      logits.reduce((total, row, i) => {
        const most = Math.max(...row);
        return total + most + Math.log(row.reduce((sum, l) => sum + Math.exp(l - most), 0)) - row[labels[i]!]!;
      }, 0) / logits.length;
    const moderate = [
      [0.1, -2, 1],
      [3, 0, 0.5],
      [-1, -1, -1],
      [2, 1, -3],
    ];

    it.each([
      ['moderate', moderate],
      [
        'large',
        [
          [-1e4, 0, -1e4],
          [1e4, 0, 0],
          [-500, 88, 88],
          [-88, -1e4, -89],
        ],
      ],
      [
        'huge',
        [
          [1e4, 0, -1e4],
          [1e30, 0, 0],
          [-500, -1e30, 3],
          [88, 89, 90],
        ],
      ],
      [
        'equal',
        [
          [0, 0, 0],
          [7, 7, 7],
          [-1e8, -1e8, -1e8],
          [1, 1, 1],
        ],
      ],
    ])('cross-entropy of %s logits agrees with a computation in float64', (_name, logits) =>
      tidy(() => {
        const got = crossEntropy(tensor2d(logits), tensor1d(labels, 'int32'));
        expect(got.shape).toEqual([]);
        const expected = entropy64(logits);
        expect(Math.abs(got.dataSync()[0]! - expected)).toBeLessThan(1e-5 * Math.max(1e-3, Math.abs(expected)));
        const [gradient] = grads((l: Tensor) => mul(3, crossEntropy(l, tensor1d(labels, 'int32'))))([tensor2d(logits)]);
        expect(
          distance(
            gradient!.dataSync(),
            logits.flatMap((row, i) =>
              row.map((l, j) => {
                const most = Math.max(...row);
                return (
                  (3 / 4) *
                  (Math.exp(l - most) / row.reduce((sum, m) => sum + Math.exp(m - most), 0) - (j === labels[i] ? 1 : 0))
                );
              }),
            ),
          ),
        ).toBeLessThanOrEqual(1e-5);
      }),
    );

    it('the gradient of the cross-entropy agrees with finite differences', () =>
      tidy(() => {
        const flat = moderate.flat();
        const [gradient] = grads((l: Tensor) => crossEntropy(l, tensor1d(labels, 'int32')))([tensor2d(moderate)]);
        expect(
          distance(
            gradient!.dataSync(),
            flat.map((_, i) => slope((x) => entropy64([0, 3, 6, 9].map((at) => x.slice(at, at + 3))), flat, i)),
          ),
        ).toBeLessThanOrEqual(1e-5);
      }));

    it('the cross-entropy is infinite for a label outside the classes', () =>
      tidy(() => {
        for (const label of [-1, 3])
          expect(crossEntropy(tensor2d([[1, 2, 3]]), tensor1d([label], 'int32')).dataSync()[0]).toBe(Infinity);
      }));

    it('`accuracy` returns the fraction of rows that are classified correctly', () =>
      tidy(() => {
        expect(accuracy(tensor2d(moderate), tensor1d(labels, 'int32')).dataSync()[0]).toBeCloseTo(2 / 4, 6);
      }));

    it('`crossEntropy` and `accuracy` require int32 labels, one per row', () =>
      tidy(() => {
        for (const wrong of [
          tensor1d([1, 2, 0, 0]),
          tensor1d([1], 'int32'),
          tensor2d([[1], [2], [0], [0]], undefined, 'int32'),
        ]) {
          expect(() => crossEntropy(tensor2d(moderate), wrong)).toThrow(
            expect.objectContaining({
              code: 'shape',
              message: expect.stringMatching(/logits \[B, classes\] and int32 labels \[B\]/) as string,
            }) as Error,
          );
        }
      }));
  });

  it(`modules, cross-entropy and accuracy dispose all temporary tensors on ${name}`, () => {
    const modules = [
      batchNorm({ channels: 3 }),
      freeConv({ inputs: 3, outputs: 2, key: key(8) }),
      { apply: globalAverage, parameters: {} },
      { apply: rectify, parameters: {} },
    ];
    const x = drawNormal(key(9), [2, 4, 4, 3]);
    const labels = tensor1d([1, 0], 'int32');
    const once = (): void =>
      tidy(() => {
        for (const module of modules)
          for (const context of [training, evaluation]) gradientsOf(module, x, module.apply(x, context), context);
        const logits = globalAverage(x);
        grads((l: Tensor) => add(crossEntropy(l, labels), 0))([logits]);
        accuracy(logits, labels);
      });
    once();
    const before = memory().numTensors;
    once();
    expect(memory().numTensors).toBe(before);
    for (const module of modules)
      for (const variable of Object.values(module.parameters) as Variable[]) expect(variable.isDisposed).toBe(false);
  });
});
