import { native } from '@impflow/backend-cuda';
import { eliminate, identity, kernel, key, normals, sampleNorm } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import {
  abs,
  add,
  backend,
  cast,
  concat,
  div,
  expandDims,
  eye,
  greater,
  less,
  logicalAnd,
  matMul,
  maximum,
  memory,
  mul,
  neg,
  ones,
  reshape,
  slice,
  sqrt,
  square,
  sub,
  sum,
  tensor,
  tidy,
  tile,
  transpose,
  where,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { testAnderson } from '../../../backend-wasm/test/anderson-suite.ts';
import { testLowDimension, testSampleNorm } from '../../../backend-wasm/test/low-suite.ts';
import { runKernel } from '../../../backend-wasm/test/run-kernel.ts';
import { testAgainstOperations, testSmall } from '../../../backend-wasm/test/small-suite.ts';
import { setHostKernels } from '../../src/host/host-kernels.ts';

describe('low dimension', () => {
  testLowDimension(native());
});
describe('norms', () => {
  testSampleNorm(native());
});
describe('Anderson', () => {
  testAnderson(native());
});
describe('elimination, caps, Adam', () => {
  testSmall(native());
});
describe('compared with operations of the cpu backend', () => {
  testAgainstOperations(native());
});

const draw = (seed: number, ...shape: number[]): Tensor =>
  tensor(
    Float32Array.from(
      normals(
        key(seed),
        shape.reduce((n, size) => n * size, 1),
      ),
    ),
    shape,
  );
const systems = (seed: number, batch: number, d: number): Tensor =>
  add(expandDims(eye(d), 0), mul(0.3 / d, draw(seed, batch, d, d)));
const times = (a: Tensor, x: Tensor): Tensor => sum(mul(a, expandDims(x, 1)), 2);
const transposedTimes = (a: Tensor, x: Tensor): Tensor => sum(mul(a, expandDims(x, 2)), 1);
const along = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), 1, true);

type Inputs<Name extends string = string> = Readonly<Record<Name, Tensor>>;

/** A kernel's inputs for a batch, and the operations that it replaces. */
interface Case {
  readonly name: string;
  readonly inputs: (batch: number, d: number) => Inputs;
  readonly attributes: object;
  readonly composed: (inputs: Inputs) => readonly Tensor[];
}
const define = <Name extends string>(
  name: string,
  attributes: object,
  inputs: (batch: number, d: number) => Inputs<Name>,
  composed: (inputs: Inputs<Name>) => readonly Tensor[],
): Case => ({ name, inputs, attributes, composed });

const cases = [
  define(
    'ImpflowLogDet',
    {},
    (batch, d) => ({ tangents: mul(0.3 / d, draw(1, d, batch, d)) }),
    ({ tangents }) => {
      const [d, batch] = tangents.shape as [number, number];
      const units = tile(expandDims(identity(d), 0), [batch, 1, 1]);
      const { solution, logDet } = eliminate(add(units, transpose(tangents, [1, 2, 0])), units);
      return [logDet, transpose(solution, [1, 0, 2])];
    },
  ),
  define(
    'ImpflowTransposedSolve',
    {},
    (batch, d) => ({ a: systems(2, batch, d), rhs: draw(3, batch, d) }),
    ({ a, rhs }) => {
      const [batch, d] = rhs.shape as [number, number];
      const scale = reshape(sampleNorm(rhs), [batch, 1]),
        b = div(rhs, scale);
      const inverse = eliminate(a, tile(expandDims(identity(d), 0), [batch, 1, 1])).solution;
      const first = transposedTimes(inverse, b),
        u = add(first, transposedTimes(inverse, sub(b, transposedTimes(a, first))));
      return [mul(u, scale), sampleNorm(sub(b, transposedTimes(a, u))), sampleNorm(u)];
    },
  ),
  define(
    'ImpflowEliminate',
    {},
    (batch, d) => ({ a: systems(4, batch, d), rhs: draw(5, batch, d, 3) }),
    ({ a, rhs }) => {
      const { solution, logDet } = eliminate(a, rhs);
      return [solution, logDet];
    },
  ),
  define(
    'ImpflowQuasiNewton',
    {},
    (batch, d) => {
      const dy = draw(7, batch, d);
      return {
        inverse: systems(6, batch, d),
        dy,
        dF: add(dy, mul(0.2 / Math.sqrt(d), draw(8, batch, d))),
        image: draw(9, batch, d),
      };
    },
    ({ inverse, dy, dF, image }) => {
      const v = transposedTimes(inverse, dy),
        denominator = along(v, dF);
      const ok = greater(abs(denominator), maximum(mul(1e-6, sqrt(mul(along(v, v), along(dF, dF)))), 1e-30));
      const u = div(sub(dy, times(inverse, dF)), where(ok, denominator, add(zerosLike(denominator), 1)));
      const next = add(inverse, mul(expandDims(where(ok, u, zerosLike(u)), 2), expandDims(v, 1)));
      return [next, neg(times(next, image))];
    },
  ),
  define(
    'ImpflowAnderson',
    { memory: 2, damping: 0.7, regularization: 1e-2 },
    (batch, d) => ({
      y: draw(10, batch, d),
      gap: draw(11, batch, d),
      lastY: draw(12, batch, d),
      lastGap: draw(13, batch, d),
      values: draw(14, batch, 2, d),
      gaps: draw(15, batch, 2, d),
    }),
    ({ y, gap, lastY, lastGap, values, gaps }) => {
      const appended = (past: Tensor, x: Tensor): Tensor => concat([slice(past, [0, 1, 0]), expandDims(x, 1)], 1);
      const [v, g] = [appended(values, sub(y, lastY)), appended(gaps, sub(gap, lastGap))];
      const gram = matMul(g, g, false, true),
        trace = maximum(sum(mul(gram, eye(2)), [1, 2], true), 1e-30);
      const c = eliminate(add(div(gram, trace), mul(1e-2, eye(2))), div(matMul(g, expandDims(gap, 2)), trace)).solution;
      return [v, g, sub(add(y, mul(0.7, gap)), sum(mul(add(v, mul(0.7, g)), c), 1))];
    },
  ),
  define(
    'ImpflowProgress',
    { atol: 0.1, rtol: 0.2 },
    (batch, d) => ({
      active: greater(draw(16, batch), 0),
      value: draw(17, batch, d),
      residual: abs(draw(18, batch)),
      latest: abs(draw(19, batch)),
      limit: add(0.5, abs(draw(20, batch))),
      nextValue: draw(21, batch, d),
      nextResidual: abs(draw(22, batch)),
    }),
    (inputs) => progressed(inputs),
  ),
  define(
    'ImpflowSampleNorm',
    {},
    (batch, d) => ({ x: draw(23, batch, d) }),
    ({ x }) => [sqrt(sum(square(x), 1))],
  ),
  define(
    'ImpflowSquaredNorm',
    {},
    (batch, d) => ({ 0: draw(24, batch, d), 1: draw(25, d) }),
    (inputs) => [add(sum(square(inputs['0']!)), sum(square(inputs['1']!)))],
  ),
  define(
    'ImpflowCap',
    { coeff: 0.9 },
    (batch, d) => ({ weight: draw(26, batch, d), u: draw(27, batch), v: draw(28, d) }),
    ({ weight, u, v }) => {
      const slope = mul(expandDims(u, 1), expandDims(v, 0)),
        sigma = sum(mul(slope, weight), [0, 1], true);
      return [mul(weight, div(0.9, maximum(sigma, 0.9))), sigma, slope];
    },
  ),
  define(
    'ImpflowCapGradient',
    { coeff: 0.9 },
    (batch, d) => ({
      direct: draw(29, batch, d),
      weight: draw(30, batch, d),
      slope: draw(31, batch, d),
      sigma: tensor([[2]]),
    }),
    ({ direct, weight, slope }) => [mul(0.45, sub(direct, mul(div(sum(mul(direct, weight)), 2), slope)))],
  ),
  define(
    'ImpflowAdam',
    { beta1: 0.9, beta2: 0.99, rate: 0.1, epsilon: 1e-3, decay: 0.95 },
    (batch, d) => ({
      theta: draw(32, batch, d),
      gradient: draw(33, batch, d),
      m: draw(34, batch, d),
      v: abs(draw(35, batch, d)),
    }),
    ({ theta, gradient, m, v }) => {
      const [mean, spread] = [add(mul(0.9, m), mul(0.1, gradient)), add(mul(0.99, v), mul(0.01, square(gradient)))];
      return [sub(mul(0.95, theta), mul(0.1, div(mean, add(sqrt(spread), 1e-3)))), mean, spread];
    },
  ),
];

const progressed = ({
  active,
  value,
  residual,
  latest: before,
  limit,
  nextValue,
  nextResidual,
}: Inputs<'active' | 'value' | 'residual' | 'latest' | 'limit' | 'nextValue' | 'nextResidual'>): readonly Tensor[] => {
  const latest = where(active, nextResidual, before),
    better = logicalAnd(active, less(latest, residual));
  const best = where(tile(expandDims(better, 1), [1, value.shape[1]!]), nextValue, value),
    norm = where(better, latest, residual);
  const tolerance = add(0.1, mul(0.2, sqrt(sum(square(best), 1))));
  return [best, norm, tolerance, latest, logicalAnd(greater(norm, tolerance), less(latest, limit))];
};

describe('kernels on the host', () => {
  onBackend(native());

  /** Runs without the kernels. */
  const byOperations = <T>(body: () => T): T => {
    setHostKernels(false);
    try {
      return body();
    } finally {
      setHostKernels(true);
    }
  };
  const held = (): readonly number[] => [memory().numTensors, memory().numBytes, backend().numDataIds()];

  it.each(
    cases.flatMap((one) =>
      [1, 2, 3, 6, 16].flatMap((d) => [1, 5, 500].map((batch) => [one.name, batch, d, one] as const)),
    ),
  )(
    '%s agrees with the operations that it replaces: B = %d, d = %d',
    (name, batch, d, { inputs, attributes, composed }) => {
      const before = held();
      tidy(() => {
        const given = inputs(batch, d),
          copies = Object.values(given).map((x) => x.dataSync().slice());
        const [found, expected] = [runKernel(name, given, attributes), byOperations(() => composed(given))];
        expect(found).toHaveLength(expected.length);
        found.forEach((x, i) => {
          const y = expected[i]!;
          expect([x.shape, x.dtype]).toEqual([y.shape, y.dtype]);
          const [ours, theirs] = [x.dataSync<'float32'>(), y.dataSync<'float32'>()];
          // The tolerance covers the rounding of the sums and of the elimination.
          const largest = (of: (value: number, at: number) => number): number =>
            ours.reduce((most, value, at) => Math.max(most, Math.abs(of(value, at))), 0);
          expect(largest((value, at) => value - theirs[at]!)).toBeLessThan(
            1e-5 *
              Math.max(
                1,
                largest((_value, at) => theirs[at]!),
              ),
          );
          ours.fill(7);
        });
        // No result shares memory with an input.
        Object.values(given).forEach((x, i) => {
          expect(x.dataSync()).toEqual(copies[i]);
        });
      });
      expect(held()).toEqual(before);
    },
  );

  it.each([
    ['some', (b: number) => b % 2 === 0],
    ['all', () => true],
    ['none', () => false],
  ] as const)('progress of rows with numbers that are not finite, %s active', (_name, active) =>
    tidy(() => {
      const wrong = [0.5, NaN, Infinity, -Infinity, 0, 1e30];
      // Each of the five numbers of a row is replaced in turn.
      const rows = wrong.flatMap((bad) =>
        [0, 1, 2, 3, 4].flatMap((place) => [0, 1].map(() => [0.7, 0.9, 1.5, 0.6, 0.4].with(place, bad))),
      );
      const column = (i: number): Tensor => tensor(Float32Array.from(rows, (row) => row[i]!));
      const pair = (i: number): Tensor =>
        tensor(Float32Array.from(rows.flatMap((row) => [row[i]!, 1])), [rows.length, 2]);
      const inputs = {
        active: tensor(
          Uint8Array.from(rows, (_row, b) => (active(b) ? 1 : 0)),
          [rows.length],
          'bool',
        ),
        value: pair(0),
        residual: column(1),
        latest: column(0),
        limit: column(2),
        nextValue: pair(3),
        nextResidual: column(4),
      };
      const found = runKernel('ImpflowProgress', inputs, { atol: 0.1, rtol: 0.2 });
      const expected = byOperations(() => progressed(inputs));
      const rounded = (x: Tensor): readonly number[] =>
        Array.from(x.dataSync(), (value) => Number(value.toPrecision(5)));
      expect(found.map(rounded)).toEqual(expected.map(rounded));
    }),
  );

  it('TensorFlow operations can read the results of the kernels, and the kernels can read results of TensorFlow', () =>
    tidy(() => {
      const x = draw(40, 5, 2);
      const norm = sampleNorm(neg(x));
      expect(neg(neg(norm)).dataSync()).toEqual(norm.dataSync());
      expect(sampleNorm(expandDims(norm, 1)).dataSync()).toEqual(norm.dataSync());
      const { value, residual } = { value: draw(41, 5, 2), residual: abs(draw(42, 5)) };
      const going = runKernel(
        'ImpflowProgress',
        {
          active: ones([5], 'bool'),
          value,
          residual,
          latest: residual,
          limit: add(residual, 1),
          nextValue: value,
          nextResidual: residual,
        },
        { atol: 0, rtol: 0 },
      )[4]!;
      expect([...cast(going, 'float32').dataSync()]).toEqual([1, 1, 1, 1, 1]);
      expect([...where(going, residual, zerosLike(residual)).dataSync()]).toEqual([...residual.dataSync()]);
    }));

  it('are registered on the CPU and removed on a GPU, any number of times', () => {
    for (const on of [true, true, false, false, true]) {
      setHostKernels(on);
      expect(cases.map(({ name }) => kernel(name).available())).toEqual(cases.map(() => on));
    }
  });
});
