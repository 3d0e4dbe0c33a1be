import { wasm } from '@impflow/backend-wasm';
import { key, drawNormal, type Contraction } from '@impflow/core';
import { activations, sandwich, tanhActivation, type Layer } from '@impflow/lipschitz';
import { onBackend, testContraction } from '@impflow/testkit';
import { memory, mul, randomNormal, tidy, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const backends = [wasm()];

/** Returns a net with random parameters in every layer, including the last. */
const trained = (options: Partial<Parameters<typeof sandwich>[0]> = {}, spread = 1): Contraction => {
  const net = sandwich({ dim: 3, hidden: [8, 6], coeff: 0.95, key: key(41), ...options });
  Object.values(net.parameters).forEach((parameter, i) =>
    tidy(() => {
      parameter.assign(randomNormal(parameter.shape, 0, spread, 'float32', 100 + i) as typeof parameter);
    }),
  );
  return net;
};

for (const [name, options] of [
  ['snake', {}],
  ['tanh, one hidden layer', { activation: tanhActivation, hidden: [5] }],
  ['no hidden layer', { hidden: [] }],
  ['wide', { dim: 2, hidden: [40, 33] }],
] as const) {
  testContraction({
    name: `a sandwich net, ${name}`,
    make: () => trained(options),
    wide: () => trained({ ...options, dim: 40, hidden: [50] }),
    backends,
    kinks: false,
  });
}

/** A row-major matrix in float64. */
type Matrix = readonly Float64Array[];
const matrix = (x: Tensor): Matrix => {
  const [rows, columns] = x.shape as [number, number];
  const values = x.dataSync();
  return Array.from({ length: rows }, (_, i) => Float64Array.from(values.subarray(i * columns, (i + 1) * columns)));
};

/** Returns whether a symmetric matrix is positive definite, by Cholesky factorization. */
const positive = (a: Matrix): boolean => {
  const l = a.map((row) => new Float64Array(row.length));
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i]![j]!;
      for (let k = 0; k < j; k++) sum -= l[i]![k]! * l[j]![k]!;
      if (i === j && !(sum > 0)) return false;
      l[i]![j] = i === j ? Math.sqrt(sum) : sum / l[j]![j]!;
    }
  }
  return true;
};

/**
 * Returns whether the semidefinite program of Fazlyab et al. (2019, arXiv:1906.04893, theorem 2) proves the Lipschitz
 * constant `bound` for a net with these weights and slopes in [0, 1]. With the multipliers `T_k = Psi_k^2`, the proof
 * is that the matrix (in scaled form) `[[b I, -W_1^T T_1], [., 2 T_1, -W_2^T T_2], ..., [., b I]]` is positive
 * definite.
 */
const proves = (weights: readonly Matrix[], multipliers: readonly Float64Array[], bound: number): boolean => {
  const sizes = [weights[0]![0]!.length, ...weights.map((w) => w.length)];
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, n) => sum + n, 0));
  const total = sizes.reduce((sum, n) => sum + n, 0);
  const whole = Array.from({ length: total }, () => new Float64Array(total));
  sizes.forEach((size, block) => {
    for (let i = 0; i < size; i++)
      whole[starts[block]! + i]![starts[block]! + i] =
        block === 0 || block === sizes.length - 1 ? bound : 2 * multipliers[block - 1]![i]!;
  });
  weights.forEach((w, k) =>
    w.forEach((row, i) =>
      row.forEach((entry, j) => {
        const scaled = -entry * (multipliers[k]?.[i] ?? 1);
        whole[starts[k + 1]! + i]![starts[k]! + j] = scaled;
        whole[starts[k]! + j]![starts[k + 1]! + i] = scaled;
      }),
    ),
  );
  return positive(whole);
};

/** Returns the explicit weights of a net from its parameters, in float64. */
const explicitOf = ({ parameters, lipschitz }: Contraction): readonly Matrix[] => {
  const at = (i: number, name: string): Variable | undefined => parameters[`layers.${i}.${name}`];
  const depth = Object.keys(parameters).filter((name) => name.endsWith('.skew')).length;
  let before: { readonly transposedA: Matrix; readonly scale: Float32Array } | undefined;
  return Array.from({ length: depth }, (_, k) => {
    const [g, y] = [matrix(at(2 * k, 'weight')!), matrix(at(2 * k, 'skew')!)];
    const inverse = inverted(
      y.map((row, i) =>
        row.map(
          (entry, j) =>
            Number(i === j) + entry - y[j]![i]! + g[i]!.reduce((sum, value, l) => sum + value * g[j]![l]!, 0),
        ),
      ),
    );
    const b = product(inverse, g).map((row) => row.map((entry) => 2 * entry));
    const merged = before === undefined ? b : product(b, before.transposedA);
    const scale = at(2 * k, 'scale')?.dataSync<'float32'>();
    const columns = before?.scale;
    if (scale !== undefined)
      before = {
        scale,
        transposedA: inverse.map((row, i) => row.map((_entry, j) => 2 * inverse[j]![i]! - Number(i === j))),
      };
    return merged.map((row, i) =>
      row.map(
        (entry, j) =>
          entry *
          (scale === undefined ? lipschitz : Math.SQRT2 * Math.exp(-scale[i]!)) *
          (columns === undefined ? 1 : Math.SQRT2 * Math.exp(columns[j]!)),
      ),
    );
  });
};

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => Float64Array.from(b[0]!, (_, j) => row.reduce((sum, entry, l) => sum + entry * b[l]![j]!, 0)));

/** Inverts a matrix by Gauss-Jordan elimination. */
const inverted = (a: Matrix): Matrix => {
  const n = a.length;
  const rows = a.map((row, i) =>
    Float64Array.from({ length: 2 * n }, (_, j) => (j < n ? row[j]! : Number(j - n === i))),
  );
  for (let j = 0; j < n; j++) {
    const pivot = rows[j]![j]!;
    rows[j] = rows[j]!.map((entry) => entry / pivot);
    rows.forEach((row, i) => {
      if (i !== j) rows[i] = row.map((entry, l) => entry - row[j]! * rows[j]![l]!);
    });
  }
  return rows.map((row) => row.slice(n));
};

describe.each(backends.map((backend) => [backend.name, backend] as const))('on %s', (_name, backend) => {
  onBackend(backend);

  it.each([1, 4])('the semidefinite program proves the Lipschitz bound, for parameters of spread %d', (spread) => {
    for (const hidden of [[8, 6], [12], [7, 9, 5]]) {
      const net = trained({ hidden, coeff: 0.95 }, spread);
      const weights = explicitOf(net);
      const multipliers = hidden.map((_, k) =>
        Float64Array.from(net.parameters[`layers.${2 * k}.scale`]!.dataSync(), (s) => Math.exp(2 * s)),
      );
      // The semidefinite program describes the net without its coefficient, which is a factor of the last layer.
      const unit = weights.map((w, k) =>
        k === weights.length - 1 ? w.map((row) => row.map((entry) => entry / net.lipschitz)) : w,
      );
      expect(proves(unit, multipliers, 1 + 1e-5)).toBe(true);
      // The semidefinite program must not prove a bound that is smaller than the Lipschitz constant.
      expect(proves(unit, multipliers, 0.2)).toBe(false);
    }
  });

  it('a sandwich net equals a dense net with the weights that the formulas give', () => {
    const net = trained();
    const weights = explicitOf(net);
    const biases = weights.map((_, k) => net.parameters[`layers.${2 * k}.bias`]!.dataSync());
    tidy(() => {
      const x = drawNormal(key(42), [5, 3]);
      const rows = matrix(x).map((row) =>
        weights.reduce((h, w, k) => {
          const a = w.map((line, i) => line.reduce((sum, entry, j) => sum + entry * h[j]!, 0) + biases[k]![i]!);
          return Float64Array.from(a, (v) =>
            k === weights.length - 1 ? v : (v + Math.sin(2 * Math.PI * v) / (2 * Math.PI)) / 2,
          );
        }, row),
      );
      matrix(net.apply(x)).forEach((row, b) =>
        row.forEach((entry, i) => {
          expect(entry).toBeCloseTo(rows[b]![i]!, 5);
        }),
      );
    });
  });

  it('a new sandwich net is the zero map', () =>
    tidy(() => {
      const net = sandwich({ dim: 4, hidden: [9], key: key(43) });
      expect(
        Math.max(
          ...net
            .apply(drawNormal(key(44), [6, 4]))
            .dataSync()
            .map(Math.abs),
        ),
      ).toBe(0);
    }));

  it('a sandwich net leaves no tensor undisposed when its parameters change or are disposed', () => {
    const before = memory().numTensors;
    const net = trained();
    const x = tidy(() => drawNormal(key(45), [2, 3]));
    for (let round = 0; round < 3; round++) {
      tidy(() => {
        net.apply(x);
      });
      const { numTensors } = memory();
      tidy(() => {
        for (const parameter of Object.values(net.parameters))
          parameter.assign(mul(parameter, 0.9) as typeof parameter);
      });
      tidy(() => {
        net.apply(x);
      });
      expect(memory().numTensors).toBe(numTensors);
    }
    for (const parameter of Object.values(net.parameters)) parameter.dispose();
    x.dispose();
    expect(memory().numTensors).toBe(before);
  });
});

const monotone = ['snake', 'elu', 'celu', 'tanh', 'softplus', 'relu', 'leakyRelu', 'lipschitzCube', 'identity'];
const withActivation = (name: string): Contraction =>
  sandwich({ dim: 2, hidden: [3], activation: (): Layer => activations.create({ name }), key: key(46) });

describe('the activation of a sandwich net', () => {
  onBackend(wasm());

  it.each(monotone)('the activation %s of a sandwich net is accepted, because its slopes lie in [0, 1]', (name) => {
    expect(withActivation(name).lipschitz).toBe(0.97);
  });

  it.each(activations.names.filter((name) => !monotone.includes(name)))('%s is refused as activation', (name) => {
    expect(() => withActivation(name)).toThrow(/slopes in \[0, 1\]/);
  });
});
