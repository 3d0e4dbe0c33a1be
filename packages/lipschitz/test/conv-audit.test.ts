import { cpu } from '@impflow/backend-cpu';
import { FlowError, key, normals, uniforms } from '@impflow/core';
import {
  certifiedConvNorm,
  convSymbolBound,
  largestSingularValue,
  normIsBelow,
  type ConvGeometry,
} from '@impflow/lipschitz';
import { onBackend } from '@impflow/testkit';
import { conv2d, tensor, tidy, type Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const geometry = (
  height: number,
  width: number,
  kernel: readonly [number, number],
  inputs: number,
  outputs: number,
): ConvGeometry => ({ height, width, kernel, inputs, outputs });
const sizeOf = ({ kernel: [kh, kw], inputs, outputs }: ConvGeometry): number => kh * kw * inputs * outputs;
const gaussian = (seed: number, shape: ConvGeometry): Float32Array =>
  Float32Array.from(normals(key(seed), sizeOf(shape)));

/** Returns the norm of the convolution's matrix. Each row of the matrix is tfjs's own convolution of a unit image. */
const dense = (weight: ArrayLike<number>, { height, width, kernel, inputs, outputs }: ConvGeometry): number =>
  tidy(() => {
    const size = height * width * inputs;
    const eye = Float32Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0));
    const filter = tensor(Float32Array.from(weight), [...kernel, inputs, outputs]) as Tensor4D;
    const images = conv2d(tensor(eye, [size, height, width, inputs]) as Tensor4D, filter, 1, 'same');
    return largestSingularValue(images.dataSync(), size, height * width * outputs);
  });

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof FlowError) return error.code;
    throw error;
  }
  return 'none';
};

const GEOMETRIES: readonly ConvGeometry[] = [
  geometry(5, 4, [3, 3], 2, 3),
  geometry(4, 5, [3, 3], 3, 2),
  geometry(6, 6, [3, 3], 1, 4),
  geometry(6, 6, [3, 3], 4, 1),
  geometry(4, 9, [3, 5], 2, 2),
  geometry(9, 4, [5, 3], 2, 2),
  geometry(3, 7, [1, 5], 2, 3),
  geometry(7, 3, [5, 1], 3, 2),
  geometry(3, 2, [5, 5], 2, 3),
  geometry(2, 3, [7, 7], 3, 1),
  geometry(1, 1, [3, 3], 4, 5),
  geometry(1, 6, [3, 3], 2, 2),
  geometry(4, 4, [1, 1], 3, 5),
  geometry(1, 1, [1, 1], 1, 1),
];
const named = GEOMETRIES.map(
  (shape) =>
    [
      `${shape.height} x ${shape.width}, filter ${shape.kernel.join(' x ')}, ${shape.inputs} to ${shape.outputs} channels`,
      shape,
    ] as const,
);

describe('bounds of the norm of a convolution', () => {
  onBackend(cpu());

  it.each(named)('%s: bounds of the norm agree with the largest singular value of the matrix', (_name, shape) => {
    for (const weight of [
      gaussian(1, shape),
      Float32Array.from(uniforms(key(2), sizeOf(shape))),
      gaussian(3, shape).map((x) => 1e-20 * x),
    ]) {
      const truth = dense(weight, shape);
      expect(normIsBelow(weight, shape, truth * (1 + 1e-6))).toBe(true);
      expect(normIsBelow(weight, shape, truth * (1 - 1e-6))).toBe(false);
      const { lower, upper } = certifiedConvNorm(weight, shape);
      expect(lower).toBeLessThan(truth * (1 + 1e-7));
      expect(upper).toBeGreaterThan(truth * (1 - 1e-7));
      expect(upper / lower).toBeLessThan(1 + 1.1e-5);
      expect(convSymbolBound(weight, shape.kernel, shape.inputs, shape.outputs)).toBeGreaterThan(truth * (1 - 1e-7));
    }
  });

  it('a filter that copies its input has norm 1', () => {
    const shape = geometry(6, 5, [3, 3], 3, 3);
    const weight = Float64Array.from({ length: 81 }, (_, at) =>
      Math.floor(at / 9) === 4 && (at % 9) % 4 === 0 ? 1 : 0,
    );
    expect(normIsBelow(weight, shape, 1 + 1e-7)).toBe(true);
    expect(normIsBelow(weight, shape, 1)).toBe(false);
    const { lower, upper } = certifiedConvNorm(weight, shape);
    expect(lower).toBeCloseTo(1, 6);
    expect(upper).toBeGreaterThan(1);
    expect(upper).toBeLessThan(1 + 1.1e-5);
    expect(convSymbolBound(weight, [3, 3], 3, 3, { grid: 512 })).toBeCloseTo(1, 4);
  });

  it('a filter whose nonzero taps all lie outside the image has norm 0', () => {
    const shape = geometry(1, 1, [3, 3], 1, 1);
    const weight = [1, 1, 1, 1, 0, 1, 1, 1, 1];
    expect(certifiedConvNorm(weight, shape)).toEqual({ lower: 0, upper: 0 });
    expect(normIsBelow(weight, shape, 1e-300)).toBe(true);
  });

  it('bounds of the norm hold for zero, huge and tiny weights, and are NaN for weights that are not finite', () => {
    const shape = geometry(4, 4, [3, 3], 2, 2);
    expect(certifiedConvNorm(new Float32Array(36), shape)).toEqual({ lower: 0, upper: 0 });
    expect(normIsBelow(new Float32Array(36), shape, 1e-30)).toBe(true);
    expect(normIsBelow(new Float32Array(36), shape, 0)).toBe(false);
    expect(convSymbolBound(new Float32Array(36), [3, 3], 2, 2)).toBe(0);
    const weight = normals(key(4), 36);
    const { upper } = certifiedConvNorm(weight, shape);
    for (const scale of [2 ** 600, 2 ** -600]) {
      expect(
        certifiedConvNorm(
          weight.map((x) => x * scale),
          shape,
        ).upper / scale,
      ).toBeCloseTo(upper, 12);
      expect(
        convSymbolBound(
          weight.map((x) => x * scale),
          [3, 3],
          2,
          2,
        ) / scale,
      ).toBeCloseTo(convSymbolBound(weight, [3, 3], 2, 2), 12);
    }
    for (const broken of [NaN, Infinity, -Infinity]) {
      const bad = weight.map((x, i) => (i === 7 ? broken : x));
      expect(certifiedConvNorm(bad, shape)).toEqual({ lower: NaN, upper: NaN });
      expect(normIsBelow(bad, shape, 1e300)).toBe(false);
      expect(convSymbolBound(bad, [3, 3], 2, 2)).toBeNaN();
    }
  });

  it('bounds of the norm hold for inaccurate initial vectors', () => {
    const shape = geometry(5, 4, [3, 3], 2, 3);
    const weight = gaussian(5, shape);
    const truth = dense(weight, shape);
    for (const start of [
      new Float32Array(40),
      new Float32Array(40).fill(NaN),
      new Float32Array(40).fill(1e-30),
      normals(key(6), 40),
    ]) {
      const { lower, upper } = certifiedConvNorm(weight, shape, { start });
      expect(lower).toBeLessThan(truth * (1 + 1e-7));
      expect(upper).toBeGreaterThan(truth * (1 - 1e-7));
      expect(upper).toBeLessThan(truth * (1 + 1.2e-5));
    }
    // The initial vector is a singular vector of the smaller of two singular values. The two channels do not mix, and
    // the vector lies in the channel with the smaller singular value.
    const apart = [0.5, 0, 0, 2];
    expect(
      certifiedConvNorm(apart, geometry(3, 3, [1, 1], 2, 2), {
        start: Float64Array.from({ length: 18 }, (_, i) => (i % 2 === 0 ? 1 : 0)),
      }).upper,
    ).toBeCloseTo(2, 4);
  });

  it.each([[geometry(1, 300, [1, 3], 1, 1)], [geometry(40, 40, [3, 3], 2, 1)], [geometry(24, 30, [5, 3], 1, 2)]])(
    'norms on large images approach the bound by the symbol: %j',
    (shape) => {
      const weight = gaussian(7, shape);
      const bound = convSymbolBound(weight, shape.kernel, shape.inputs, shape.outputs, { grid: 256 });
      const { lower } = certifiedConvNorm(weight, shape);
      expect(lower).toBeLessThan(bound);
      expect(lower).toBeGreaterThan(0.97 * bound);
    },
  );

  it.each([
    [3, 3, 2, 3],
    [5, 5, 1, 1],
    [1, 7, 3, 2],
    [9, 3, 2, 2],
  ] as const)(
    'the bound from a coarse grid exceeds every sample of a fine grid: filter %d x %d, %d to %d channels',
    (kh, kw, inputs, outputs) => {
      for (let seed = 0; seed < 3; seed++) {
        const weight = normals(key(seed), kh * kw * inputs * outputs);
        const fine = convSymbolBound(weight, [kh, kw], inputs, outputs, { grid: 151 });
        // The bound divided by its factor is nearly the largest sample, which is a lower bound of the supremum.
        const sampled =
          (fine * Math.cos((Math.PI * (kh - 1)) / 302) * Math.cos((Math.PI * (kw - 1)) / 302)) / (1 + 2e-8);
        for (const grid of [Math.max(kh, kw), 11, 16, 33])
          expect(convSymbolBound(weight, [kh, kw], inputs, outputs, { grid })).toBeGreaterThanOrEqual(sampled);
      }
    },
  );

  it('the factor of the bound is attained by a sine whose maxima lie midway between samples', () => {
    // |S| = 2 |sin(w)| has degree 1, and no multiple of 2 pi / N is closer to pi / 2 than pi / N.
    for (const grid of [6, 10, 66]) {
      const bound = convSymbolBound([1, 0, -1], [1, 3], 1, 1, { grid });
      expect(bound).toBeGreaterThanOrEqual(2);
      expect(bound).toBeLessThan(2 + 1e-7);
    }
  });

  it('operators that exceed `maxFlops` and wrong sizes are refused with an error', () => {
    const large = geometry(64, 64, [3, 3], 64, 64);
    const weight = new Float32Array(sizeOf(large)).fill(0.01);
    for (const run of [
      () => normIsBelow(weight, large, 1),
      () => certifiedConvNorm(weight, large),
      () => normIsBelow(new Float32Array(9), geometry(9, 9, [1, 1], 3, 3), 2, { maxFlops: 10 }),
    ])
      expect(codeOf(run)).toBe('unsupported');
    expect(() => normIsBelow(weight, large, 1)).toThrow('convSymbolBound');
    for (const shape of [geometry(4, 4, [2, 3], 1, 1), geometry(0, 4, [3, 3], 1, 1), geometry(4, 4, [3, 3], 1.5, 1)])
      expect(codeOf(() => normIsBelow(new Float32Array(9), shape, 1))).toBe('option');
    expect(codeOf(() => normIsBelow(new Float32Array(8), geometry(4, 4, [3, 3], 1, 1), 1))).toBe('shape');
    expect(codeOf(() => certifiedConvNorm(new Float32Array(9), geometry(4, 4, [3, 3], 1, 1), { start: [1] }))).toBe(
      'shape',
    );
    expect(codeOf(() => convSymbolBound(new Float32Array(25), [5, 5], 1, 1, { grid: 4 }))).toBe('option');
    expect(codeOf(() => convSymbolBound(new Float32Array(24), [5, 5], 1, 1))).toBe('shape');
  });
});
