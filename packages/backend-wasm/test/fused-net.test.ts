import { wasm } from '@impflow/backend-wasm';
import { derivative, onBackend } from '@impflow/testkit';
import { backend, memory, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BUILDS } from '../../testkit/private/extent.mjs';
import type { ActivationName } from '../src/kernels/elementwise/activation.ts';
import type { WasmBackend } from '../src/machine.ts';
import {
  curves,
  draw,
  forward,
  gradient,
  netOf,
  inner,
  none,
  range,
  scalar,
  traced,
  type Call,
  type Layer,
  type Net,
  type Vectors,
} from './net-references.ts';
import { runKernel } from './run-kernel.ts';

/**
 * Returns input rows for which every argument of an activation is far from 0, where elu and celu have no second
 * derivative. Near 0, rounding would decide on which side an argument lies.
 */
const callOf = (net: Net, rows: number, count: number): Call => {
  const [n, m, pool] = [net.widths[0]!, net.widths.at(-1)!, Math.ceil(1.5 * rows) + 20];
  const x = draw(1, pool * n);
  const near = new Set<number>();
  for (const { a } of forward(net, { x, ...none }).hidden)
    a.forEach((z, at) => {
      if (Math.abs(z) < 1e-3) near.add(Math.floor((at * pool) / a.length));
    });
  const clear = range(pool).filter((row) => !near.has(row));
  return {
    rows,
    count,
    x: new Float64Array(rows * n).map((_, at) => x[clear[Math.floor(at / n)]! * n + (at % n)]!),
    u: draw(2, rows * m),
    tangents: draw(3, count * rows * n),
    cotangents: draw(4, count * rows * m),
  };
};

type Outputs<Each> = Readonly<
  Record<'net' | 'value' | 'push' | 'product' | 'pull' | 'pullback' | 'plain' | 'alone' | 'sum', readonly Each[]>
>;

/** Results of all kernels for whole nets. */
const run = (
  { widths, curve: { activation, alpha }, layers }: Net,
  { rows, count, ...call }: Call,
): Outputs<Tensor> => {
  const [n, m] = [widths[0]!, widths.at(-1)!];
  const on = (values: Float64Array, ...shape: number[]): Tensor => tensor(new Float32Array(values), shape);
  const [x, u, tangents, cotangents] = [
    on(call.x, rows, n),
    on(call.u, rows, m),
    on(call.tangents, count, rows, n),
    on(call.cotangents, count, rows, m),
  ];
  const numbered = (name: string, of: (layer: Layer) => Tensor): Record<string, Tensor> =>
    Object.fromEntries(layers.map((layer, i) => [`${name}${i}`, of(layer)]));
  const matrices = (name: string, of: (layer: Layer) => Float64Array): Record<string, Tensor> =>
    numbered(name, (layer) => on(of(layer), layer.m, layer.n));
  const attributes = { widths, activation, alpha },
    weights = matrices('w', ({ w }) => w);
  const ahead = { x, ...weights, ...numbered('b', ({ bias }) => on(bias, bias.length)) };
  const net = runKernel('ImpflowNet', ahead, { ...attributes, keep: true }),
    trace = net[1]!;
  const push = runKernel('ImpflowNetPush', { trace0: trace, tangents, ...weights }, { ...attributes, keep: true });
  const back = { x, trace0: trace, ...weights },
    along = { tangents, entering0: push[1]!, cotangents };
  const plain = runKernel('ImpflowNetPullback', { ...back, u }, attributes);
  const earlier = Object.fromEntries(
    plain.slice(1).map((gradient, i) => [`${i % 2 === 0 ? 'gw' : 'gb'}${Math.floor(i / 2)}`, gradient]),
  );
  return {
    net,
    push,
    plain,
    value: runKernel('ImpflowNet', ahead, { ...attributes, keep: false }),
    product: runKernel('ImpflowNetPush', { trace0: trace, tangents, ...weights }, { ...attributes, keep: false }),
    pull: runKernel('ImpflowNetPull', { trace0: trace, cotangents, ...weights }, attributes),
    pullback: runKernel('ImpflowNetPullback', { ...back, ...along, u }, attributes),
    alone: runKernel('ImpflowNetPullback', { ...back, ...along }, attributes),
    sum: runKernel('ImpflowNetPullback', { ...back, ...along, ...earlier }, attributes),
  };
};

interface Exact extends Vectors<'values'> {
  readonly shape: readonly number[];
}

const gradients: readonly string[] = ['pullback', 'plain', 'alone', 'sum'];

/** Computes the results of all kernels for whole nets in float64. */
const exactly = (net: Net, call: Call): Outputs<Exact> => {
  const { rows, count } = call,
    { widths } = net,
    [n, m] = [widths[0]!, widths.at(-1)!];
  const { value, leaving, hidden } = forward(net, call);
  const [dx, dt, ...parameters] = gradient(net, call, hidden);
  const [plainDx, , ...plainParameters] = gradient(net, { ...call, ...none }, hidden);
  const [aloneDx, , ...aloneParameters] = gradient(net, { ...call, u: call.u.map(() => 0) }, hidden);
  const of = (values: Float64Array, ...shape: number[]): Exact => ({ values, shape });
  const flat = (parts: readonly Float64Array[]): Exact => {
    const out = new Float64Array(parts.reduce((size, part) => size + part.length, 0));
    parts.reduce((at, part) => {
      out.set(part, at);
      return at + part.length;
    }, 0);
    return of(out, out.length);
  };
  const shaped = (values: Float64Array, i: number): Exact =>
    i % 2 === 0 ? of(values, widths[i / 2 + 1]!, widths[i / 2]!) : of(values, values.length);
  return {
    net: [of(value, rows, m), flat(hidden.flatMap((layer) => traced(net.curve, layer)))],
    value: [of(value, rows, m)],
    push: [of(leaving, count, rows, m), flat(hidden.map((layer) => layer.entering))],
    product: [of(leaving, count, rows, m)],
    pull: [of(dt, count, rows, n)],
    pullback: [of(dx, rows, n), ...parameters.map(shaped)],
    alone: [of(aloneDx, rows, n), ...aloneParameters.map(shaped)],
    sum: [of(aloneDx, rows, n), ...parameters.map(shaped)],
    plain: [of(plainDx, rows, n), ...plainParameters.map(shaped)],
  };
};

/** Returns the largest error, divided by the largest magnitude among the expected numbers. */
const off = (found: ArrayLike<number>, expected: Float64Array): number =>
  expected.reduce((worst, x, i) => Math.max(worst, Math.abs(found[i]! - x)), 0) /
  expected.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-30);

const table = (
  names: readonly string[],
): readonly { readonly name: string; readonly activation: ActivationName; readonly net: Net }[] =>
  names.flatMap((name) =>
    curves.map((curve) => ({ name, activation: curve.activation, net: netOf(name.split('-').map(Number), curve) })),
  );
const [small, wide] = [table(['4-4', '3-2', '1-3-1', '2-24-2', '6-43-7-6', '3-5-17-4-9-3']), table(['2-128-128-2'])];
/**
 * Numbers of rows and of tangents of the test cases. A block has at most 256 rows, so 385 rows make two blocks of
 * different size.
 */
const sizes = [
  [1, 1],
  [1, 6],
  [3, 2],
  [255, 1],
  [256, 2],
  [257, 6],
  [383, 1],
  [385, 2],
  [500, 1],
  [600, 6],
] as const;
const wideSizes = [
    [1, 2],
    [255, 1],
    [256, 1],
    [385, 2],
    [500, 1],
    [600, 2],
  ] as const,
  fewSizes = [
    [3, 6],
    [257, 1],
  ] as const;
const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => (made ??= make());
};
/** The float64 references are computed once for both builds. */
const cases = [...small, ...wide].map((each, i) => ({
  ...each,
  calls: once(() =>
    (i < small.length ? sizes : each.activation === 'sin' ? wideSizes : fewSizes).map(([rows, count]) => {
      const call = callOf(each.net, rows, count);
      return { call, expected: exactly(each.net, call) };
    }),
  ),
}));

it.each(small.filter(({ name }) => name !== '6-43-7-6'))(
  'the float64 reference agrees with finite differences: net $name, $activation',
  ({ net: { widths, curve } }) => {
    const net = netOf(widths, curve),
      call = callOf(net, 2, 2);
    /** Returns the derivative of a function with respect to each number of an array. */
    const differences = (of: Float64Array, f: () => number): Float64Array =>
      of.map((x, at) =>
        derivative((shift) => {
          of[at] = x + shift;
          const result = f();
          of[at] = x;
          return result;
        }, 5e-5),
      );
    for (const each of [call, { ...call, ...none }]) {
      const found = gradient(net, each, forward(net, each).hidden);
      [each.x, each.tangents, ...net.layers.flatMap(({ w, bias }) => [w, bias])].forEach((of, i) => {
        expect(
          off(
            found[i]!,
            differences(of, () => scalar(net, each)),
          ),
        ).toBeLessThan(2e-8);
      });
    }
    const part = (of: Float64Array, k: number): Float64Array =>
      of.subarray((k * of.length) / 2, ((k + 1) * of.length) / 2);
    const along = (k: number, shift: number): number =>
      inner(
        part(call.cotangents, k),
        forward(net, { ...none, x: call.x.map((x, i) => x + shift * part(call.tangents, k)[i]!) }).value,
      );
    for (const k of [0, 1])
      expect(inner(part(call.cotangents, k), part(forward(net, call).leaving, k))).toBeCloseTo(
        derivative((shift) => along(k, shift), 5e-5),
        8,
      );
  },
);

/**
 * Returns the row to which each number of a tensor belongs. A flat tensor has one or more blocks `[rows, n_i]` for each
 * hidden layer.
 */
const rowsOf = (x: Tensor, { widths }: Net, rows: number): readonly number[] => {
  const inside = x.rank > 1 ? [x.shape.at(-1)!] : widths.slice(1, -1);
  const times = x.size / (rows * inside.reduce((sum, n) => sum + n, 0));
  return inside.flatMap((n) => range(times * rows * n).map((at) => Math.floor(at / n) % rows));
};

describe.each(BUILDS)('whole nets, %s build', (simd) => {
  onBackend(wasm({ simd }));

  it.each(cases)(
    'the kernels for whole nets agree with float64: net $name, $activation',
    ({ activation, net, calls }) => {
      for (const { call, expected } of calls())
        tidy(() => {
          const found = run(net, call);
          for (const [name, outputs] of Object.entries(expected) as [keyof Outputs<Exact>, readonly Exact[]][]) {
            const title = `${name}, B = ${call.rows}, K = ${call.count}`;
            expect(
              found[name].map(({ shape }) => shape),
              title,
            ).toEqual(outputs.map(({ shape }) => shape));
            // The slope of the sine activation amplifies rounding errors of its argument by 2 pi. Gradients have larger
            // relative errors, because terms cancel.
            const tolerance = activation === 'sin' || gradients.includes(name) ? 2e-5 : 4e-6;
            outputs.forEach(({ values }, i) => {
              expect(off(found[name][i]!.dataSync(), values), `${title}, output ${i}`).toBeLessThan(tolerance);
            });
          }
        });
    },
  );

  it.each([...small, wide[0]!].filter(({ net }) => net.layers.length > 1))(
    'a row of NaN does not change the results of the other rows: net $name, $activation',
    ({ net }) => {
      for (const rows of [5, 385])
        tidy(() => {
          const call = callOf(net, rows, 2),
            n = net.widths[0]!;
          const perRow = ({ pullback, plain, alone, sum, ...others }: Outputs<Tensor>): readonly Tensor[] => [
            ...Object.values(others).flat(),
            ...[pullback, plain, alone, sum].map(([dx]) => dx!),
          ];
          const clean = perRow(run(net, call)).map((x) => ({ values: x.dataSync(), row: rowsOf(x, net, rows) }));
          for (const bad of [0, (rows - 1) / 2, rows - 1]) {
            perRow(run(net, { ...call, x: call.x.map((x, at) => (Math.floor(at / n) === bad ? NaN : x)) })).forEach(
              (x, i) => {
                const found = x.dataSync();
                const touched = new Set(clean[i]!.row.filter((_, at) => !Object.is(found[at], clean[i]!.values[at])));
                // Output 3 contains the tangents at the input of each activation. At the first activation, tangents do
                // not depend on x.
                expect([...touched], `output ${i}, ${rows} rows`).toEqual(
                  i === 3 && net.layers.length === 2 ? [] : [bad],
                );
              },
            );
          }
        });
    },
  );

  it('without rows or cotangents, the pullback returns the earlier gradient that was passed, or zero', () => {
    const [w0, b0, w1, b1] = [
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      tensor([7, 8, 9]),
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      tensor([7, 8]),
    ];
    const attributes = { widths: [2, 3, 2], activation: 'tanh', alpha: 1 } as const,
      earlier = { gw0: w0, gb0: b0, gw1: w1, gb1: b1 };
    for (const rows of [0, 4])
      tidy(() => {
        const x = tensor(new Float32Array(2 * rows), [rows, 2]);
        const trace0 = runKernel('ImpflowNet', { x, w0, b0, w1, b1 }, { ...attributes, keep: true })[1]!;
        const inputs = { x, trace0, w0, w1, ...(rows === 0 ? { u: x } : {}) };
        const [numbers, zeros] = [{ ...inputs, ...earlier }, inputs].map((given) =>
          runKernel('ImpflowNetPullback', given, attributes).map((y) => [...y.dataSync()]),
        ) as [number[][], number[][]];
        expect(numbers).toEqual([x, w0, b0, w1, b1].map((y) => [...y.dataSync()]));
        expect(zeros).toEqual(numbers.map((y) => y.map(() => 0)));
      });
  });

  it('the kernels for whole nets leak no memory', () => {
    const calls = [...small, ...wide]
      .filter(({ activation }) => activation === 'elu')
      .flatMap(({ net }) => [7, 385].map((rows) => [net, callOf(net, rows, 2)] as const));
    const round = (): void => {
      for (const [net, call] of calls)
        tidy(() => {
          run(net, call);
        });
    };
    const held = (): object => {
      const { numTensors, numBytes, numDataBuffers } = memory();
      return {
        numTensors,
        numBytes,
        numDataBuffers,
        ids: backend().numDataIds(),
        heap: (backend() as WasmBackend).wasm.asm.memory.buffer.byteLength,
      };
    };
    round();
    const before = held();
    for (let i = 0; i < 10; i++) round();
    expect(held()).toEqual(before);
  });
});
