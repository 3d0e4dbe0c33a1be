import { wasm } from '@impflow/backend-wasm';
import { isFlowError } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import {
  engine,
  memory,
  tensor,
  tidy,
  type NamedAttrMap,
  type NamedTensorMap,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BUILDS } from '../../../testkit/private/extent.mjs';
import { valuesOf } from '../cases.ts';

interface Window {
  readonly x: readonly [number, number, number, number];
  readonly kernel: readonly [number, number];
  readonly filters: number;
  readonly strides: [number, number];
  readonly dilations: [number, number];
  readonly pad: [number, number, number, number];
}

const WINDOWS: readonly Window[] = [
  { x: [2, 7, 6, 3], kernel: [3, 3], filters: 5, strides: [1, 1], dilations: [1, 1], pad: [1, 1, 1, 1] },
  { x: [2, 9, 11, 2], kernel: [3, 2], filters: 4, strides: [1, 1], dilations: [2, 3], pad: [0, 0, 0, 0] },
  { x: [1, 9, 8, 5], kernel: [2, 3], filters: 3, strides: [2, 3], dilations: [1, 2], pad: [2, 0, 1, 3] },
  { x: [3, 5, 5, 4], kernel: [1, 1], filters: 7, strides: [2, 2], dilations: [1, 1], pad: [0, 0, 0, 0] },
  // This shape has enough patches for several blocks.
  { x: [5, 28, 27, 8], kernel: [3, 3], filters: 9, strides: [1, 1], dilations: [1, 1], pad: [1, 1, 1, 1] },
];

/** Calls `visit` for each multiplication of a convolution, with the flat indices into input, filter and output. */
const products = (
  { x: [B, h, w, channels], kernel: [kh, kw], filters, strides, dilations, pad }: Window,
  depthwise: boolean,
  visit: (x: number, filter: number, y: number) => void,
): readonly [number, number] => {
  const outH = Math.floor((h + pad[0] + pad[1] - (kh - 1) * dilations[0] - 1) / strides[0]) + 1;
  const outW = Math.floor((w + pad[2] + pad[3] - (kw - 1) * dilations[1] - 1) / strides[1]) + 1;
  for (let b = 0; b < B; b++)
    for (let oy = 0; oy < outH; oy++)
      for (let ox = 0; ox < outW; ox++)
        for (let ky = 0; ky < kh; ky++)
          for (let kx = 0; kx < kw; kx++) {
            const [y, x] = [oy * strides[0] + ky * dilations[0] - pad[0], ox * strides[1] + kx * dilations[1] - pad[2]];
            if (y < 0 || x < 0 || y >= h || x >= w) continue;
            for (let c = 0; c < channels; c++)
              for (let f = 0; f < filters; f++) {
                const tap = ((ky * kw + kx) * channels + c) * filters + f;
                const out = (b * outH + oy) * outW + ox;
                visit(
                  ((b * h + y) * w + x) * channels + c,
                  tap,
                  depthwise ? (out * channels + c) * filters + f : out * filters + f,
                );
              }
          }
  return [outH, outW];
};

/**
 * Returns the largest difference, divided by the largest magnitude of the wanted entries, or by 1 if that magnitude is
 * smaller.
 */
const difference = (got: Tensor, wanted: Float64Array): number => {
  const values = Float32Array.from(got.dataSync());
  if (values.length !== wanted.length) return Infinity;
  const scale = wanted.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  const worst = values.reduce((largest, value, i) => Math.max(largest, Math.abs(value - wanted[i]!)), 0);
  return worst / scale;
};

const run = (name: string, inputs: Readonly<Record<string, Tensor>>, attrs: object): Tensor =>
  engine().runKernel(name, inputs as NamedTensorMap, attrs as NamedAttrMap);

describe.each(BUILDS)('gradients of convolutions agree with float64, %s build', (simd) => {
  onBackend(wasm({ simd }));

  it.each([
    ...WINDOWS.map((window) => ({ window, depthwise: false })),
    ...WINDOWS.map((window) => ({ window: { ...window, filters: 1 }, depthwise: true })),
    { window: { ...WINDOWS[0]!, filters: 3 }, depthwise: true },
  ])('$window, depthwise: $depthwise', ({ window, depthwise }) => {
    tidy(() => {
      const { x: xShape, kernel, filters, strides, dilations, pad } = window;
      const filterShape = [...kernel, xShape[3], filters];
      const [outH, outW] = products(window, depthwise, () => {});
      const yShape = [xShape[0], outH, outW, depthwise ? xShape[3] * filters : filters];
      const [x, filter, dy] = [xShape, filterShape, yShape].map(
        (shape, i) => valuesOf({ shape }, i + 1) as Float32Array,
      );
      const dx = new Float64Array(x!.length),
        dw = new Float64Array(filter!.length);
      products(window, depthwise, (at, tap, out) => {
        dx[at]! += dy![out]! * filter![tap]!;
        dw[tap]! += dy![out]! * x![at]!;
      });
      const attrs = {
        strides,
        dilations,
        pad: [
          [0, 0],
          [pad[0], pad[1]],
          [pad[2], pad[3]],
          [0, 0],
        ],
        dataFormat: 'NHWC',
      };
      const [X, F, D] = [tensor(x!, [...xShape]), tensor(filter!, filterShape), tensor(dy!, yShape)];
      // Each float32 result is a sum of up to 3780 products.
      expect(
        difference(
          run(
            depthwise ? 'DepthwiseConv2dNativeBackpropInput' : 'Conv2DBackpropInput',
            { dy: D, filter: F },
            { ...attrs, inputShape: xShape },
          ),
          dx,
        ),
      ).toBeLessThan(4e-6);
      expect(
        difference(
          run(
            depthwise ? 'DepthwiseConv2dNativeBackpropFilter' : 'Conv2DBackpropFilter',
            { x: X, dy: D },
            { ...attrs, filterShape },
          ),
          dw,
        ),
      ).toBeLessThan(4e-6);
    });
  });

  it('gradients of convolutions refuse every layout except NHWC', () =>
    tidy(() => {
      const [x, dy] = [tensor([1, 2, 3, 4], [1, 1, 2, 2]), tensor([1, 2, 3, 4], [1, 1, 2, 2])];
      const call = (): Tensor =>
        run(
          'Conv2DBackpropFilter',
          { x, dy },
          { strides: 1, pad: 'same', dataFormat: 'NCHW', filterShape: [1, 1, 1, 1] },
        );
      let error: unknown;
      try {
        call();
      } catch (thrown) {
        error = thrown;
      }
      expect(isFlowError(error, 'unsupported')).toBe(true);
    }));

  it('a transposed convolution refuses an input that is too small for the output', () =>
    tidy(() => {
      const call = (): Tensor =>
        run(
          'Conv2DBackpropInput',
          {
            dy: tensor(valuesOf({ shape: [1, 3, 4, 2] }, 1), [1, 3, 4, 2]),
            filter: tensor(valuesOf({ shape: [3, 3, 1, 2] }, 2), [3, 3, 1, 2]),
          },
          { strides: 1, pad: 'same', inputShape: [1, 4, 4, 1] },
        );
      expect(call).toThrow(
        '[backend-wasm/Conv2DBackpropInput] Wrong shape of dy, the input of a transposed convolution: ' +
          'expected [1, 4, 4, 2] for an output of [1, 4, 4, 1], got [1, 3, 4, 2].',
      );
    }));

  it('gradients of convolutions leak no memory', () => {
    const step = (): void =>
      tidy(() => {
        const [x, dy] = [
          tensor(valuesOf({ shape: [2, 4, 4, 3] }, 1), [2, 4, 4, 3]),
          tensor(valuesOf({ shape: [2, 4, 4, 5] }, 2), [2, 4, 4, 5]),
        ];
        run('Conv2DBackpropFilter', { x, dy }, { strides: 1, pad: 'same', filterShape: [3, 3, 3, 5] });
        run(
          'Conv2DBackpropInput',
          { dy, filter: tensor(valuesOf({ shape: [3, 3, 1, 5] }, 3), [3, 3, 1, 5]) },
          { strides: 1, pad: 'same', inputShape: [2, 3, 3, 1] },
        );
      });
    step();
    const { numTensors, numBytes } = memory();
    step();
    expect(memory()).toMatchObject({ numTensors, numBytes });
  });
});
