import { cpu } from '@impflow/backend-cpu';
import { key, normals, scoped, uniforms } from '@impflow/core';
import { auditNorms, lanczos, largestSingularValue, mlp, type NormAudit } from '@impflow/lipschitz';
import { onBackend } from '@impflow/testkit';
import {
  conv2d,
  memory,
  reshape,
  tensor,
  tidy,
  transpose,
  variable,
  type Tensor4D,
  type Variable,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const set = (target: Variable, values: ArrayLike<number>): void =>
  tidy(() => {
    target.assign(tensor(Float32Array.from(values), target.shape));
  });

describe('`auditNorms`', () => {
  onBackend(cpu());

  it('after `refresh({ tolerance: 1e-5 })` every norm is within its cap, for any weights and vectors', () => {
    const g = mlp({ dim: 2, hidden: [64, 64], coeff: 0.9, key: key(1) });
    const diagonal = (value: (i: number) => number) =>
      Float64Array.from({ length: 64 * 64 }, (_, at) => (at % 65 === 0 ? value(at / 65) : 0));
    const z = normals(key(2), 64 * 64);
    const weights: readonly ArrayLike<number>[] = [
      z,
      z.map((x) => 1e-3 * x),
      z.map((x) => 1e6 * x),
      new Float64Array(64 * 64),
      diagonal((i) => 2 - (2e-3 * i) / 64),
      diagonal((i) => (i === 63 ? 1.003 : 1)),
      diagonal((i) => (i === 0 ? 3 : 0)),
    ];
    for (const weight of weights) {
      set(g.parameters['layers.2.weight']!, weight);
      set(g.parameters['layers.4.weight']!, uniforms(key(3), 128));
      set(
        g.buffers['layers.2.v']!,
        Float64Array.from({ length: 64 }, (_, i) => (i === 1 ? 1 : 0)),
      );
      g.refresh({ tolerance: 1e-5 });
      const audit = auditNorms(g, { coeff: 0.9 });
      expect(audit.map(({ path, cap }) => [path, cap])).toEqual([
        ['layers.0', 0.9],
        ['layers.2', 0.9],
        ['layers.4', 0.9],
      ]);
      for (const { norm, path } of audit) expect(norm, path).toBeLessThan(0.9 * (1 + 1e-3));
    }
  });

  it('`auditNorms` detects a cap that was not refreshed after its weight changed', () => {
    const g = mlp({ dim: 4, hidden: [8], coeff: 0.5, key: key(4) });
    set(g.parameters['layers.0.weight']!, normals(key(5), 32));
    const [first, second] = auditNorms(g, { coeff: (path) => (path === 'layers.0' ? 0.5 : 0.4) });
    expect(first!.norm).toBeGreaterThan(0.51);
    expect(second).toEqual({ path: 'layers.2', norm: 0, cap: 0.4, method: 'jacobi' });
  });
});

describe('`auditNorms` of convolutions', () => {
  onBackend(cpu());

  const [height, width, inputs, outputs] = [5, 4, 2, 3];

  /**
   * Returns the matrix of a convolution, row-major `[outputs, inputs]`. The matrix maps all pixels, or only one pixel
   * if the filter has one tap.
   */
  const matrixOf = (weight: Tensor4D, [h, w]: readonly [number, number]): ArrayLike<number> =>
    tidy(() => {
      const size = h * w * inputs;
      const eye = Float32Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0));
      return transpose(
        reshape(conv2d(tensor(eye, [size, h, w, inputs]) as Tensor4D, weight, 1, 'same'), [size, h * w * outputs]),
      ).dataSync();
    });

  const KERNELS: readonly (readonly [number, number])[] = [
    [3, 3],
    [1, 5],
    [9, 7],
    [1, 1],
  ];

  /**
   * Makes a layer from a weight. The layer stores the leading singular vectors if `right` is true, otherwise arbitrary
   * vectors.
   */
  const layer = (
    kernel: readonly [number, number],
    values: Float32Array,
    right: boolean,
  ): {
    readonly truth: number;
    readonly sigma: number;
    audit(coeff: number, maxFlops?: number): readonly NormAudit[];
    dispose(): void;
  } => {
    const own = (entries: ArrayLike<number>, shape: readonly number[]): Variable =>
      scoped(() => variable(tensor(Float32Array.from(entries), [...shape])));
    const weight = own(values, [...kernel, inputs, outputs]) as Variable & Tensor4D;
    const pixel = kernel[0] * kernel[1] === 1;
    const size = pixel ? ([1, 1] as const) : ([height, width] as const);
    const matrix = matrixOf(weight, size);
    const [rows, columns] = [size[0] * size[1] * outputs, size[0] * size[1] * inputs];
    const [u, v] = [normals(key(1), rows), normals(key(2), columns)].map((x) =>
      x.map((entry) => entry / Math.hypot(...x)),
    ) as [Float64Array, Float64Array];
    if (right) lanczos({ matrix, u, v }, { tolerance: 1e-7 });
    let sigma = 0;
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) sigma += u[i]! * matrix[i * columns + j]! * v[j]!;
    const buffers = {
      'net.0.u': own(u, pixel ? [outputs] : [...size, outputs]),
      'net.0.v': own(v, pixel ? [inputs] : [...size, inputs]),
    };
    return {
      truth: largestSingularValue(matrix, rows, columns),
      sigma,
      audit: (coeff, maxFlops = 1e11) =>
        auditNorms({ parameters: { 'net.0.weight': weight, 'net.0.bias': weight }, buffers }, { coeff, maxFlops }),
      dispose: () => {
        for (const x of [weight, ...Object.values(buffers)]) x.dispose();
      },
    };
  };
  const gaussian = (kernel: readonly [number, number]): Float32Array =>
    Float32Array.from(normals(key(3), kernel[0] * kernel[1] * inputs * outputs));

  it.each(KERNELS)('a filter %d x %d with accurate singular vectors has a norm within its cap, to 1e-5', (kh, kw) => {
    const before = memory().numTensors;
    const { audit, truth, dispose } = layer([kh, kw], gaussian([kh, kw]), true);
    const method = kh * kw === 1 ? 'jacobi' : 'cholesky';
    const [capped, ...others] = audit(0.9);
    expect(others).toEqual([]);
    expect(capped).toEqual({ path: 'net.0', norm: expect.closeTo(0.9, 4), cap: 0.9, method });
    expect(capped!.norm).toBeGreaterThan(0.9 * (1 - 1e-6));
    expect(capped!.norm).toBeLessThan(0.9 * (1 + 1.2e-5));
    // A weight whose norm is below the cap is not scaled.
    expect(audit(2 * truth)[0]!.norm / truth).toBeCloseTo(1, 4);
    dispose();
    expect(memory().numTensors).toBe(before);
  });

  it.each(KERNELS)('a filter %d x %d with arbitrary vectors for its norm has a norm above its cap', (kh, kw) => {
    const { audit, truth, sigma, dispose } = layer([kh, kw], gaussian([kh, kw]), false);
    const [found] = audit(0.1);
    expect(found!.norm).toBeGreaterThan(0.11);
    expect(found!.norm / (truth / Math.max(1, sigma / 0.1))).toBeCloseTo(1, 4);
    dispose();
  });

  it('a convolution that exceeds `maxFlops` is bounded by its symbol', () => {
    const { audit, truth, dispose } = layer([3, 3], gaussian([3, 3]), true);
    const [found] = audit(0.9, 1000);
    expect(found!.method).toBe('symbol');
    expect(found!.norm).toBeGreaterThan(0.9);
    expect(found!.norm).toBeLessThan(0.9 * 1.5);
    expect(audit(10 * truth, 1000)[0]!.norm).toBeGreaterThan(truth);
    dispose();
  });

  it('zero weights have norm 0, weights that are not finite have norm NaN', () => {
    const [zero, broken] = [new Float32Array(54), new Float32Array(54).fill(NaN, 3, 4)].map((values) =>
      layer([3, 3], values, false),
    );
    for (const maxFlops of [1e11, 0]) {
      expect(zero!.audit(0.9, maxFlops)[0]!.norm).toBe(0);
      expect(broken!.audit(0.9, maxFlops)[0]!.norm).toBeNaN();
    }
    zero!.dispose();
    broken!.dispose();
  });
});
