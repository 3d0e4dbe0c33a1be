import { wasm } from '@impflow/backend-wasm';
import { onBackend } from '@impflow/testkit';
import { memory, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { KernelExports } from '#kernels';
import { BUILDS } from '../../testkit/private/extent.mjs';
import { chooseBuild, compile, instantiate } from '../src/module.ts';
import { valuesOf } from './cases.ts';
import { runKernel } from './run-kernel.ts';

interface Shape {
  readonly lead: readonly number[];
  readonly h: number;
  readonly w: number;
  readonly n: number;
  readonly m: number;
  readonly kh: number;
  readonly kw: number;
}

const shape = (lead: readonly number[], h: number, w: number, n: number, m: number, kh: number, kw: number): Shape => ({
  lead,
  h,
  w,
  n,
  m,
  kh,
  kw,
});
const shapes: readonly Shape[] = [
  shape([2], 5, 4, 4, 32, 3, 3),
  shape([2], 6, 5, 32, 4, 3, 3),
  shape([3], 4, 4, 8, 1, 3, 3),
  shape([1], 7, 6, 1, 16, 3, 3),
  shape([2], 3, 5, 3, 12, 3, 3),
  shape([2], 5, 3, 12, 3, 3, 3),
  shape([2], 4, 6, 5, 7, 3, 3),
  shape([1], 5, 5, 1, 1, 3, 3),
  shape([2], 6, 7, 4, 5, 5, 5),
  shape([2], 5, 4, 6, 9, 3, 1),
  shape([2], 5, 4, 8, 2, 1, 3),
  shape([2], 4, 5, 7, 10, 1, 1),
  shape([1], 1, 1, 3, 2, 3, 3),
  shape([1], 2, 1, 4, 6, 5, 5),
  shape([2, 3], 4, 3, 4, 13, 3, 3),
  shape([], 4, 5, 2, 3, 3, 3),
  shape([0], 4, 4, 3, 2, 3, 3),
  shape([2], 0, 3, 3, 2, 3, 3),
  // Shapes with several blocks of images, and shapes with images that need several blocks.
  shape([40], 7, 7, 16, 6, 3, 3),
  shape([2], 30, 31, 20, 11, 3, 3),
  shape([1], 5, 200, 33, 3, 3, 3),
];

/** Calls `visit` for each multiplication of a convolution, with the flat indices into image, filter and output. */
const products = (
  { h, w, n, m, kh, kw }: Shape,
  count: number,
  visit: (x: number, filter: number, y: number) => void,
): void => {
  for (let b = 0; b < count; b++)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++)
        for (let ky = 0; ky < kh; ky++)
          for (let kx = 0; kx < kw; kx++) {
            const [row, column] = [y + ky - (kh >> 1), x + kx - (kw >> 1)];
            if (row < 0 || column < 0 || row >= h || column >= w) continue;
            for (let c = 0; c < n; c++)
              for (let j = 0; j < m; j++)
                visit(
                  ((b * h + row) * w + column) * n + c,
                  ((ky * kw + kx) * n + c) * m + j,
                  ((b * h + y) * w + x) * m + j,
                );
          }
};

const size = (of: readonly number[]): number => of.reduce((p, q) => p * q, 1);
const values = (of: readonly number[], seed: number): Float32Array => valuesOf({ shape: of }, seed) as Float32Array;
const on = (of: Float32Array, as: readonly number[]): Tensor => tensor(of, [...as]);

/**
 * Returns the largest difference between found and expected numbers. Each difference is divided by the sum of the
 * magnitudes of the summed products, or by 1 if this sum is below 1.
 */
const off = (found: Tensor, expected: Float64Array, scale: Float64Array): number => {
  const got = found.dataSync();
  return expected.reduce(
    (worst, x, i) => {
      const error = Math.abs(got[i]! - x) / Math.max(1, scale[i]!);
      return error <= worst ? worst : error;
    },
    got.length === expected.length ? 0 : Infinity,
  );
};

describe.each(BUILDS)('convolutions of images, %s build', (simd) => {
  onBackend(wasm({ simd }));

  it.each(shapes)(
    '[$lead] images of $h x $w, $n -> $m channels, filter $kh x $kw: value and adjoint agree with float64',
    (of) =>
      tidy(() => {
        const { lead, h, w, n, m, kh, kw } = of,
          count = size(lead);
        const [x, weight, bias, u] = [
          values([...lead, h, w, n], 1),
          values([kh, kw, n, m], 2),
          values([m], 3),
          values([...lead, h, w, m], 4),
        ];
        const [y, yScale, back, backScale] = [u.length, u.length, x.length, x.length].map(
          (length) => new Float64Array(length),
        ) as [Float64Array, Float64Array, Float64Array, Float64Array];
        products(of, count, (at, tap, out) => {
          const [forward, backward] = [x[at]! * weight[tap]!, u[out]! * weight[tap]!];
          y[out]! += forward;
          yScale[out]! += Math.abs(forward);
          back[at]! += backward;
          backScale[at]! += Math.abs(backward);
        });
        const [X, W, U] = [on(x, [...lead, h, w, n]), on(weight, [kh, kw, n, m]), on(u, [...lead, h, w, m])];
        const [plain] = runKernel('ImpflowConv', { x: X, weight: W }, { transposed: false }) as [Tensor];
        const [shifted] = runKernel('ImpflowConv', { x: X, weight: W, bias: on(bias, [m]) }, { transposed: false }) as [
          Tensor,
        ];
        const [adjoint] = runKernel('ImpflowConv', { x: U, weight: W }, { transposed: true }) as [Tensor];
        expect([plain.shape, shifted.shape, adjoint.shape]).toEqual([U.shape, U.shape, X.shape]);
        expect(off(plain, y, yScale)).toBeLessThan(1e-6);
        expect(
          off(
            shifted,
            y.map((value, i) => value + bias[i % m]!),
            yScale,
          ),
        ).toBeLessThan(1e-6);
        expect(off(adjoint, back, backScale)).toBeLessThan(1e-6);
      }),
  );

  it.each(shapes.filter(({ lead }) => lead.length === 1))(
    '[$lead] images of $h x $w, $n -> $m channels, filter $kh x $kw: gradients of filter and bias agree with float64',
    (of) =>
      tidy(() => {
        const {
          lead: [batch],
          h,
          w,
          n,
          m,
          kh,
          kw,
        } = of as Shape & { readonly lead: readonly [number] };
        for (const K of [0, 1, 3]) {
          const [x, u, t, c] = [
            values([batch, h, w, n], 5),
            values([batch, h, w, m], 6),
            values([K, batch, h, w, n], 7),
            values([K, batch, h, w, m], 8),
          ];
          const [weight, scale, bias, biasScale] = [kh * kw * n * m, kh * kw * n * m, m, m].map(
            (length) => new Float64Array(length),
          ) as [Float64Array, Float64Array, Float64Array, Float64Array];
          for (const [images, by, count] of [
            [x, u, batch],
            [t, c, K * batch],
          ] as const)
            products(of, count, (at, tap, out) => {
              weight[tap]! += images[at]! * by[out]!;
              scale[tap]! += Math.abs(images[at]! * by[out]!);
            });
          u.forEach((value, i) => {
            bias[i % m]! += value;
            biasScale[i % m]! += Math.abs(value);
          });
          const pairs = K === 0 ? {} : { tangents: on(t, [K, batch, h, w, n]), cotangents: on(c, [K, batch, h, w, m]) };
          const [W, b] = runKernel(
            'ImpflowConvGradient',
            { x: on(x, [batch, h, w, n]), u: on(u, [batch, h, w, m]), ...pairs },
            { size: [kh, kw] },
          ) as [Tensor, Tensor];
          expect([W.shape, b.shape]).toEqual([[kh, kw, n, m], [m]]);
          expect(off(W, weight, scale)).toBeLessThan(2e-6);
          expect(off(b, bias, biasScale)).toBeLessThan(1e-6);
        }
      }),
  );

  it.each([shape([3], 5, 4, 1, 16, 3, 3), shape([3], 5, 4, 8, 3, 3, 3), shape([3], 4, 4, 5, 9, 3, 3)])(
    'a NaN in the input changes only the outputs whose filter covers it, and the filter gradients of its channel: $n -> $m',
    (of) =>
      tidy(() => {
        const { h, w, n, m, kh, kw } = of;
        const [x, weight, u] = [values([3, h, w, n], 1), values([kh, kw, n, m], 2), values([3, h, w, m], 4)];
        const bad = (on: Float32Array, at: number): Float32Array => on.map((value, i) => (i === at ? NaN : value));
        const W = on(weight, [kh, kw, n, m]);
        // The NaN is the last number of the middle image.
        const [y] = runKernel(
          'ImpflowConv',
          { x: on(bad(x, 2 * h * w * n - 1), [3, h, w, n]), weight: W },
          { transposed: false },
        ) as [Tensor];
        const wrong = new Set<number>();
        products(of, 3, (at, _, out) => {
          if (at === 2 * h * w * n - 1) wrong.add(out);
        });
        y.dataSync().forEach((value, i) => {
          expect(Number.isNaN(value), String(i)).toBe(wrong.has(i));
        });
        const [gradient] = runKernel(
          'ImpflowConvGradient',
          { x: on(bad(x, 2 * h * w * n - 1), [3, h, w, n]), u: on(u, [3, h, w, m]) },
          { size: [kh, kw] },
        ) as [Tensor, Tensor];
        expect([...gradient.dataSync()].filter((_, i) => Math.floor(i / m) % n !== n - 1)).not.toContain(NaN);
        const [ofOutput] = runKernel(
          'ImpflowConvGradient',
          { x: on(x, [3, h, w, n]), u: on(bad(u, 2 * h * w * m - 1), [3, h, w, m]) },
          { size: [kh, kw] },
        ) as [Tensor, Tensor];
        expect([...ofOutput.dataSync()].filter((_, i) => i % m !== m - 1)).not.toContain(NaN);
      }),
  );

  it('the convolution kernels leak no memory', () => {
    const round = (): void =>
      tidy(() => {
        const [x, u, weight] = [
          on(values([2, 5, 4, 3], 1), [2, 5, 4, 3]),
          on(values([2, 5, 4, 6], 2), [2, 5, 4, 6]),
          on(values([3, 3, 3, 6], 3), [3, 3, 3, 6]),
        ];
        runKernel('ImpflowConv', { x, weight }, { transposed: false });
        runKernel('ImpflowConvGradient', { x, u }, { size: [3, 3] });
      });
    round();
    const { numTensors, numBytes } = memory();
    for (let i = 0; i < 5; i++) round();
    expect(memory()).toMatchObject({ numTensors, numBytes });
  });

  /**
   * Returns the number of values that a kernel changes outside its arrays. The inputs lie at the end of the memory, so
   * that a read beyond the last input traps. Outputs and scratch memory lie between guard values, which must not
   * change.
   */
  const strays = async (
    numbers: readonly number[],
    written: number,
    scratchBytes: (kernels: KernelExports) => number,
    call: (kernels: KernelExports, inputs: readonly number[], out: number, scratch: number) => void,
  ): Promise<number> => {
    const pages = new WebAssembly.Memory({ initial: 8 });
    const kernels = instantiate((await compile(await chooseBuild(simd))).module, pages);
    const floats = new Float32Array(pages.buffer).fill(3.25);
    let end = floats.byteLength;
    const inputs = numbers.map((count) => (end -= 4 * count));
    const [scratch, out] = [1024, 4 * 65536 + 4];
    const bytes = scratchBytes(kernels);
    expect(scratch + bytes).toBeLessThan(out);
    call(kernels, inputs, out, scratch);
    return floats.reduce(
      (count, value, i) =>
        count +
        (value === 3.25 || (4 * i >= scratch && 4 * i < scratch + bytes) || (4 * i >= out && 4 * i < out + 4 * written)
          ? 0
          : 1),
      0,
    );
  };

  it.each([
    [5, 4, 3, 12, 3, 3],
    [5, 4, 12, 3, 3, 3],
    [3, 5, 1, 1, 3, 3],
    [4, 3, 4, 9, 5, 5],
    [4, 7, 8, 17, 3, 1],
  ])(
    'the kernels read and write no memory outside their arrays: images %d x %d, %d -> %d channels, filter %d x %d',
    async (h, w, n, m, kh, kw) => {
      const [B, taps] = [3, kh * kw * n * m];
      for (const lines of [1, 2, h, 2 * h]) {
        const each = async (x: number, y: number, transposed: number): Promise<number> =>
          strays(
            [B * h * w * x, taps, y],
            B * h * w * y,
            (kernels) => kernels.convSameScratch(h, w, x, y, kh, kw, lines),
            (kernels, [image, filter, bias], out, scratch) => {
              kernels.convSame(image!, filter!, bias!, out, B, h, w, x, y, kh, kw, transposed, lines, scratch);
            },
          );
        expect([await each(n, m, 0), await each(m, n, 1)]).toEqual([0, 0]);
        expect(
          await strays(
            [B * h * w * m, B * h * w * n, B * h * w * n, B * h * w * m],
            taps,
            (kernels) => kernels.convSameGradientScratch(h, w, n, m, kh, kw, lines),
            (kernels, [u, x, t, c], out, scratch) => {
              kernels.convSameGradient(x!, u!, B, t!, c!, B, out, h, w, n, m, kh, kw, lines, scratch);
            },
          ),
        ).toBe(0);
      }
    },
  );
});
