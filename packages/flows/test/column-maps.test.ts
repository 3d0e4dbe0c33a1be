import { wasm } from '@impflow/backend-wasm';
import { key, drawUniform, scoped, valueAndGradients } from '@impflow/core';
import { buildFlow, columnMapAt, columnMaps, flowSpec, inverseColumnMapAt, type ColumnMap } from '@impflow/flows';
import { derivative, lively, onBackend, testBijector } from '@impflow/testkit';
import { sum, tensor, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { testColumnMapEdges } from './column-map-edges.ts';

const backends = [wasm()];

testBijector({
  name: 'columnMaps without bounds',
  make: () =>
    columnMaps({
      maps: [{ map: 'asinh', center: 0.3, scale: 0.5 }, { map: 'identity' }, { map: 'asinh', center: 0, scale: 2 }],
    }),
  backends,
});
testBijector({
  name: 'columnMaps of every kind',
  make: () =>
    columnMaps({
      maps: [
        { map: 'logit', lower: 0, upper: 1 },
        { map: 'log', lower: -1 },
        { map: 'identity' },
        { map: 'logit', lower: -1, upper: 2 },
        { map: 'asinh', center: 0, scale: 1 },
        { map: 'log', lower: 0 },
      ],
    }),
  backends,
  input: (k, rows) => drawUniform(k, [rows, 6], 0.1, 0.9),
});
testBijector({
  name: 'columnMaps of one kind',
  make: () =>
    columnMaps({
      maps: [
        { map: 'log', lower: 0 },
        { map: 'log', lower: -2 },
      ],
    }),
  backends,
  input: (k, rows) => drawUniform(k, [rows, 2], 0.1, 3),
});
for (const backend of backends) testColumnMapEdges(backend);

describe('`columnMapAt`', () => {
  const maps: readonly (readonly [ColumnMap, readonly number[]])[] = [
    [{ map: 'identity' }, [-3, 0, 8]],
    [{ map: 'log', lower: -2 }, [-1.9, 0, 30]],
    [{ map: 'logit', lower: 0, upper: 4 }, [0.02, 1, 2, 3.99]],
    [{ map: 'asinh', center: 1, scale: 0.5 }, [-20, 0.9, 1, 7]],
  ];

  it.each(maps)('`columnMapAt(%o)`: the slope agrees with finite differences in float64', (map, at) => {
    const of = columnMapAt(map);
    for (const x of at)
      expect(of(x).logSlope).toBeCloseTo(Math.log(derivative((shift) => of(x + shift).value, 1e-4)), 7);
  });

  it.each(maps)(
    '`columnMapAt(%o)`: the inverse restores the input, and its results lie inside the bounds in float32',
    (map, at) => {
      const [there, back] = [columnMapAt(map), inverseColumnMapAt(map)];
      for (const x of at) expect(back(there(x).value)).toBeCloseTo(x, 12);
      for (const z of [-1e4, -200, 200, 1e4]) {
        const x = Math.fround(back(z));
        expect(there(x).logSlope).toBeGreaterThan(-Infinity);
      }
    },
  );

  it('with `columnMapAt` and with `columnMaps`, the density is 0 outside the bounds and at a bound', () =>
    expect([-1, 0, 2, 4, 5].map((x) => columnMapAt({ map: 'logit', lower: 0, upper: 4 })(x).logSlope)).toEqual([
      -Infinity,
      -Infinity,
      0,
      -Infinity,
      -Infinity,
    ]));
});

describe('a flow of mapped columns', () => {
  onBackend(wasm());
  const spec = flowSpec({
    dim: 2,
    blocks: 1,
    hidden: [8],
    maps: [
      { map: 'logit', lower: -1, upper: 1 },
      { map: 'log', lower: 2 },
    ],
    scaling: { mean: [0.2, 0.1], scale: [1.5, 0.7] },
  });
  const logProbs = (rows: readonly (readonly number[])[]): readonly number[] =>
    scoped(() => {
      const flow = lively(buildFlow(spec, { key: key(1) }), 0.3);
      return Array.from(flow.logProb(tensor(rows.map((row) => [...row]))).dataSync());
    });

  it('the density of a flow with column maps has integral 1 in the units of the data', () => {
    // The trapezoidal rule in u and v, with x = tanh u and y = 2 + exp v. The integrand is zero at both ends of each
    // axis.
    const STEP = 0.08;
    const nodes = (low: number, high: number): number[] =>
      Array.from({ length: Math.round((high - low) / STEP) }, (_, i) => low + (i + 0.5) * STEP);
    const grid = nodes(-7, 7).flatMap((u) => nodes(-7, 7).map((v) => [u, v] as const));
    const integral = logProbs(grid.map(([u, v]) => [Math.tanh(u), 2 + Math.exp(v)])).reduce(
      (total, logProb, i) => total + Math.exp(logProb + grid[i]![1]) / Math.cosh(grid[i]![0]) ** 2,
      0,
    );
    expect(Math.abs(integral * STEP ** 2 - 1)).toBeLessThan(1e-3);
  });

  it('a row outside the bounds has density 0 and does not change the densities of other rows', () => {
    const good = [
      [0.3, 2.5],
      [-0.8, 9],
    ] as const;
    const [first, a, b, c, second] = logProbs([good[0], [1, 2.5], [0.3, 2], [-4, -4], good[1]]);
    expect([a, b, c]).toEqual([-Infinity, -Infinity, -Infinity]);
    logProbs(good).forEach((logProb, i) => expect([first!, second!][i]).toBeCloseTo(logProb, 5));
  });

  it('gradients of the parameters are finite, even if a row of the batch lies outside the bounds', () =>
    tidy(() => {
      const flow = lively(buildFlow(spec, { key: key(1) }), 0.3);
      const x = tensor([
        [0.3, 2.5],
        [1, 1],
      ]);
      const { value, gradients } = valueAndGradients(() => sum(flow.logProb(x, { train: true })), flow.parameters);
      expect(value.dataSync()[0]).toBe(-Infinity);
      for (const [path, gradient] of Object.entries(gradients))
        expect(gradient.dataSync().every(Number.isFinite), path).toBe(true);
    }));

  it('samples of a flow with column maps lie inside the bounds', () =>
    tidy(() => {
      const x = buildFlow(spec)
        .sample(4000, { key: key(2), temperature: 20 })
        .dataSync();
      x.forEach((value, i) => {
        expect(value).toBeGreaterThan(i % 2 === 0 ? -1 : 2);
        expect(value).toBeLessThan(i % 2 === 0 ? 1 : Infinity);
      });
    }));
});

describe('wrong column maps', () => {
  it.each([
    ['none', [], /No maps/],
    [
      'an unknown one',
      [{ map: 'sqrt' }],
      /Wrong map of column 0: expected \{ map \} with identity, log, logit or asinh, got \{"map":"sqrt"\}/,
    ],
    ['no object', [{ map: 'identity' }, null], /Wrong map of column 1.*got null/],
    ['no bound', [{ map: 'log' }], /a number of at most 1e\+37 as lower, got undefined/],
    ['an infinite bound', [{ map: 'log', lower: -Infinity }], /as lower/],
    ['a bound in words', [{ map: 'log', lower: '0' }], /as lower, got "0"/],
    ['bounds in the wrong order', [{ map: 'logit', lower: 1, upper: 0 }], /a lower bound below the upper one/],
    ['bounds without float32 numbers between', [{ map: 'logit', lower: 1e9, upper: 1e9 + 1 }], /Subtract an offset/],
    ['a scale of 0', [{ map: 'asinh', center: 0, scale: 0 }], /a scale from 1e-30 to 1e30, got 0/],
  ] as const)('%s', (_name, maps, message) => {
    expect(() => columnMaps({ maps: maps as never })).toThrow(
      expect.objectContaining({ code: 'option', message: expect.stringMatching(message) as string }) as Error,
    );
  });
});
