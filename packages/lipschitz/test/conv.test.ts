import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { fold, key, drawNormal, normals, scoped, type Contraction } from '@impflow/core';
import {
  conv,
  convNet,
  largestSingularValue,
  lipSwish,
  sequential,
  sinActivation,
  type ConvOptions,
  type Layer,
} from '@impflow/lipschitz';
import { onBackend, testContraction } from '@impflow/testkit';
import { memory, mul, ones, sum, tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { some } from '../../testkit/private/extent.mjs';

const backends = [wasm()];
/** Other tests compare the kernels of the backends, so only one convolution is tested on both backends. */
const both = some([cpu(), wasm()]);

testContraction({
  name: 'convolutions, 3 and 1 pixels wide',
  make: () => lively(convNet({ shape: [4, 3, 2], hidden: [5, 4], activation: sinActivation, coeff: 0.9, key: key(1) })),
  backends: both,
});
testContraction({
  name: 'convolutions after an activation',
  make: () =>
    lively(
      convNet({
        shape: [3, 4, 3],
        hidden: [4],
        kernels: [5, 3],
        activation: lipSwish,
        coeff: 0.7,
        preactivation: true,
        key: key(2),
      }),
    ),
  backends,
});
for (const order of [1, Infinity, 1.5]) {
  const norm = { domain: order, codomain: order };
  const layer = (inputs: number, outputs: number, seed: number): Layer =>
    conv({ height: 3, width: 4, inputs, outputs, coeff: 0.5, norm, key: key(seed) });
  testContraction({
    name: `convolutions in the norm ${order}`,
    order,
    make: () => sequential([3, 4, 2], [layer(2, 3, 3), sinActivation(), layer(3, 2, 4)]),
    backends,
  });
}

/** Assigns random weights and biases, because the last layer starts as the zero map. */
function lively(g: Contraction): Contraction {
  Object.entries(g.parameters).forEach(([name, variable], i) => {
    if (!/weight|bias/.test(name)) return;
    const fresh = scoped(() => mul(drawNormal(fold(key(9), i), variable.shape), 0.4));
    variable.assign(fresh as never);
    fresh.dispose();
  });
  return g;
}

describe.each(backends)('conv on $name', (backend) => {
  onBackend(backend);
  const weigh = (
    options: Omit<ConvOptions, 'key'>,
    values?: (size: number) => ArrayLike<number>,
  ): { readonly layer: Layer; readonly raw: Float32Array } => {
    const layer = conv({ key: key(5), ...options });
    const weight = layer.parameters['weight'] as Variable;
    tidy(() =>
      weight.assign(
        tensor(Float32Array.from(values?.(weight.size) ?? normals(key(6), weight.size)), weight.shape) as never,
      ),
    );
    layer.refresh!({ tolerance: 1e-6 });
    return { layer, raw: weight.dataSync<'float32'>() as Float32Array };
  };
  /**
   * Returns the transposed matrix of the layer without its bias, row-major: each row is the output for one unit image.
   */
  const matrixOf = (
    layer: Layer,
    { height, width, inputs }: Omit<ConvOptions, 'key'>,
  ): { readonly values: Float32Array; readonly rows: number; readonly columns: number } =>
    tidy(() => {
      const rows = height * width * inputs;
      const units = tensor(
        Float32Array.from({ length: rows * rows }, (_, at) => (at % (rows + 1) === 0 ? 1 : 0)),
        [rows, 1, height, width, inputs],
      );
      const images = layer.jvp(layer.trace(ones([1, height, width, inputs])), units);
      return { values: images.dataSync<'float32'>() as Float32Array, rows, columns: images.size / rows };
    });

  const cases: readonly Omit<ConvOptions, 'key'>[] = [
    { height: 5, width: 4, inputs: 2, outputs: 3, coeff: 0.8 },
    { height: 6, width: 6, inputs: 1, outputs: 4, kernel: 5, coeff: 0.8 },
    { height: 4, width: 7, inputs: 3, outputs: 2, kernel: [1, 3], coeff: 0.8 },
    { height: 2, width: 2, inputs: 2, outputs: 2, kernel: 5, coeff: 0.8 },
    { height: 4, width: 4, inputs: 3, outputs: 5, kernel: 1, coeff: 0.8 },
  ];
  it.each(cases)(
    'filter $kernel on $height x $width, $inputs -> $outputs channels: the norm of the matrix of the layer is the cap',
    (options) => {
      const { layer } = weigh(options);
      const { values, rows, columns } = matrixOf(layer, options);
      expect(largestSingularValue(values, rows, columns)).toBeGreaterThan(0.8 * (1 - 1e-5));
      expect(largestSingularValue(values, rows, columns)).toBeLessThan(0.8 * (1 + 1e-4));
    },
  );

  it('a convolutional layer agrees with a convolution that is computed from its definition', () => {
    const options = { height: 4, width: 3, inputs: 2, outputs: 3, coeff: 100 };
    const { layer, raw } = weigh(options);
    const x = normals(key(7), 4 * 3 * 2);
    const bias = (layer.parameters['bias'] as Variable).dataSync();
    const found = tidy(() => layer.value(tensor(Float32Array.from(x), [1, 4, 3, 2])).dataSync());
    for (let i = 0; i < 4; i++)
      for (let j = 0; j < 3; j++)
        for (let o = 0; o < 3; o++) {
          let wanted = bias[o]!;
          for (let a = -1; a <= 1; a++)
            for (let b = -1; b <= 1; b++)
              for (let c = 0; c < 2; c++) {
                if (i + a < 0 || i + a > 3 || j + b < 0 || j + b > 2) continue;
                wanted += x[((i + a) * 3 + j + b) * 2 + c]! * raw[(((a + 1) * 3 + b + 1) * 2 + c) * 3 + o]!;
              }
          expect(found[(i * 3 + j) * 3 + o]).toBeCloseTo(wanted, 4);
        }
  });

  it('a weight whose norm is below the cap is not scaled', () => {
    const options = { height: 5, width: 5, inputs: 2, outputs: 2, coeff: 0.9 };
    const { layer, raw } = weigh(options, (size) => Array.from(normals(key(8), size), (z) => 0.01 * z));
    const { values, rows, columns } = matrixOf(layer, options);
    // The matrix entries from the middle pixel to itself are the middle tap of the filter.
    const middle = 12 * 2;
    for (let c = 0; c < 2; c++)
      for (let o = 0; o < 2; o++)
        expect(values[(middle + c) * columns + middle + o]).toBeCloseTo(raw[(4 * 2 + c) * 2 + o]!, 7);
    expect(rows).toBe(columns);
  });

  it('the norm 1 -> 2 equals the norm of the largest column, and the norm 2 -> inf equals the norm of the largest row', () => {
    for (const norm of [
      { domain: 1, codomain: 2 },
      { domain: 2, codomain: Infinity },
    ]) {
      const options = { height: 5, width: 4, inputs: 2, outputs: 3, coeff: 0.5, norm };
      const { values, rows, columns } = matrixOf(weigh(options).layer, options);
      const sums = new Float64Array(norm.domain === 1 ? rows : columns);
      values.forEach((entry, at) => {
        const place = norm.domain === 1 ? Math.floor(at / columns) : at % columns;
        sums[place] = sums[place]! + entry * entry;
      });
      expect(Math.sqrt(Math.max(...sums))).toBeCloseTo(0.5, 5);
    }
  });

  it('a weight that is zero or not finite leaves the vectors unchanged', () => {
    const { layer } = weigh({ height: 3, width: 3, inputs: 1, outputs: 1 }, (size) => new Float32Array(size).fill(NaN));
    const weight = layer.parameters['weight'] as Variable;
    for (const value of [0, 1]) {
      tidy(() => weight.assign(mul(ones(weight.shape), value) as never));
      layer.refresh!({ tolerance: 1e-5 });
      expect(layer.buffers['u']!.dataSync().every(Number.isFinite)).toBe(true);
    }
    expect(
      tidy(() => sum(layer.jvp(layer.trace(ones([1, 3, 3, 1])), ones([1, 1, 3, 3, 1]))).dataSync()[0]),
    ).toBeGreaterThan(1);
  });

  it('the errors of `conv` and `convNet` quote wrong options', () => {
    const one = (options: Partial<ConvOptions>) => () =>
      conv({ height: 4, width: 4, inputs: 1, outputs: 1, key: key(1), ...options });
    expect(one({ kernel: 2 })).toThrow('[lipschitz/conv] Wrong filter: expected odd sides, got 2.');
    expect(one({ outputs: 0 })).toThrow('[lipschitz/conv] Wrong outputs: expected a positive integer, got 0.');
    expect(one({ coeff: -1 })).toThrow('Wrong coefficient');
    expect(() => convNet({ shape: [4, 4, 1], hidden: [3], kernels: [3], key: key(1) })).toThrow(
      '[lipschitz/convNet] Wrong number of filters: expected 2, one for each layer, got 1.',
    );
  });

  it('a convolution leaves no tensor undisposed except its capped weight', () => {
    const g = convNet({ shape: [4, 4, 2], hidden: [3], key: key(3) });
    const work = (): void =>
      tidy(() => {
        g.refresh({ tolerance: 1e-4 });
        g.apply(ones([2, 4, 4, 2]));
      });
    work();
    const before = memory().numTensors;
    work();
    expect(memory().numTensors).toBe(before);
  });
});
