import { key, scoped, settle, valueAndGradients, type BackendAdapter, type Context } from '@impflow/core';
import { columnMaps, type ColumnMap } from '@impflow/flows';
import { onBackend } from '@impflow/testkit';
import { add, mul, sum, tensor, variable } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const call: Context = { key: key(0) };
const float = Math.fround;

/**
 * Returns the results of a map of one column: values, log-determinants, and the gradients of the values and of the
 * log-determinants for cotangents of 1.
 */
const results = async (
  map: ColumnMap,
  method: 'forwardWithLogDet' | 'inverseWithLogDet',
  numbers: readonly number[],
): Promise<Readonly<Record<'value' | 'logDet' | 'slope' | 'bend', readonly number[]>>> => {
  const bijector = columnMaps({ maps: [map] });
  const made = await settle(() =>
    scoped(() => {
      const x = variable(tensor([...numbers], [numbers.length, 1]));
      const { value, logDet } = bijector[method](x, call);
      const gradient = (onValue: number, onLogDet: number) =>
        valueAndGradients(
          () => {
            const both = bijector[method](x, call);
            return add(mul(onValue, sum(both.value)), mul(onLogDet, sum(both.logDet)));
          },
          { x },
        ).gradients['x']!;
      return { value, logDet, slope: gradient(1, 0), bend: gradient(0, 1) };
    }),
  );
  const read = async (name: keyof typeof made): Promise<readonly number[]> => Array.from(await made[name].data());
  return {
    value: await read('value'),
    logDet: await read('logDet'),
    slope: await read('slope'),
    bend: await read('bend'),
  };
};

/**
 * Returns the distance of a float32 result from `wanted`, in units in the last place of `wanted`, or of 1 if `wanted`
 * is below 1.
 */
const ulps = (got: number, wanted: number): number =>
  Math.abs(got - wanted) / (2 ** -23 * Math.max(1, Math.abs(wanted)));

/** Formulas of the maps in float64, written independently of the package. */
const REFERENCES: readonly {
  readonly map: ColumnMap;
  readonly at: readonly number[];
  readonly z: (x: number) => number;
  readonly slope: (x: number) => number;
  readonly bend: (x: number) => number;
}[] = [
  {
    map: { map: 'log', lower: 0 },
    at: [1e-30, 1e-20, 1e-3, 0.5, 1, 7, 1e6, 1e30, 9e36],
    z: Math.log,
    slope: (x) => 1 / x,
    bend: (x) => -1 / x,
  },
  {
    map: { map: 'log', lower: -2 },
    at: [-2 + 2 ** -22, -1.99, 0, 5, 1e6],
    z: (x) => Math.log(x + 2),
    slope: (x) => 1 / (x + 2),
    bend: (x) => -1 / (x + 2),
  },
  ...(
    [
      [0, 1],
      [-3, 5],
      [0, 1e6],
      [-1, 0],
    ] as const
  ).map(([lower, upper]) => ({
    map: { map: 'logit', lower, upper } as const,
    at: [1e-7, 1e-3, 0.2, 0.5, 0.500001, 0.7, 0.999, 1 - 2 ** -23].map((u) => lower + u * (upper - lower)),
    z: (x: number) => Math.log((x - lower) / (upper - x)),
    slope: (x: number) => 1 / (x - lower) + 1 / (upper - x),
    bend: (x: number) => 1 / (upper - x) - 1 / (x - lower),
  })),
  {
    map: { map: 'logit', lower: 0, upper: 1 },
    at: [1e-30, 1e-20],
    z: Math.log,
    slope: (x) => 1 / x,
    bend: (x) => -1 / x,
  },
  {
    map: { map: 'asinh', center: 1, scale: 4 },
    at: [-3e36, -1e20, -1e9, -300, 0.9, 1, 1.0001, 2, 40, 1e5, 4e8, 1e10, 3e36],
    z: (x) => Math.asinh((x - 1) / 4),
    slope: (x) => 1 / Math.hypot(4, x - 1),
    bend: (x) => -((x - 1) / Math.hypot(4, x - 1) / Math.hypot(4, x - 1)),
  },
];

const OUTSIDE: readonly { readonly map: ColumnMap; readonly at: readonly number[] }[] = [
  { map: { map: 'log', lower: 2 }, at: [2, 1.9, 0, -1e30, -3e38, -Infinity, Infinity, 3e38] },
  { map: { map: 'logit', lower: 0, upper: 3 }, at: [0, 3, -1e-30, 3.1, 1e30, -3e38, 3e38, -Infinity, Infinity] },
  { map: { map: 'asinh', center: 0, scale: 0.01 }, at: [1e36, -3e38, Infinity, -Infinity] },
];

const UNBOUNDED = [-Infinity, -1e30, -200, -90, -40, -17, 0, 17, 40, 90, 200, 1e30, Infinity];

/** Registers tests of {@link columnMaps} with inputs at and beyond the bounds of the supports, on one backend. */
export const testColumnMapEdges = (backend: BackendAdapter): void => {
  describe(`columnMaps at and beyond the bounds, on ${backend.name}`, () => {
    onBackend(backend);

    it.each(REFERENCES)('$map: float32 values and gradients agree with float64', async ({ map, at, ...wanted }) => {
      const x = at.map(float);
      const { value, logDet, slope, bend } = await results(map, 'forwardWithLogDet', x);
      x.forEach((each, i) => {
        const size = wanted.slope(each);
        expect(ulps(value[i]!, wanted.z(each)), `z of ${each}`).toBeLessThan(8);
        expect(ulps(logDet[i]!, Math.log(size)), `log-determinant of ${each}`).toBeLessThan(8);
        expect(ulps(slope[i]! / size, 1), `slope at ${each}`).toBeLessThan(8);
        expect(
          ulps(bend[i]! / size, wanted.bend(each) / size),
          `gradient of the log-determinant at ${each}`,
        ).toBeLessThan(8);
      });
    });

    it.each(OUTSIDE)('$map: density and gradients are 0 outside the support and at a bound', async ({ map, at }) => {
      const { value, logDet, slope, bend } = await results(map, 'forwardWithLogDet', at);
      expect(value.filter(Number.isFinite)).toHaveLength(at.length);
      expect(logDet).toEqual(at.map(() => -Infinity));
      expect([...slope, ...bend].map(Math.abs)).toEqual([...at, ...at].map(() => 0));
    });

    it.each([
      ['log', { map: 'log', lower: 5 }],
      ['log at zero', { map: 'log', lower: 0 }],
      ['logit', { map: 'logit', lower: -1, upper: 7 }],
      ['logit at zero', { map: 'logit', lower: -2, upper: 0 }],
      ['asinh', { map: 'asinh', center: 3, scale: 100 }],
    ] as const)('%s: the inverse of any input lies inside the bounds, with finite gradients', async (_name, map) => {
      const { value, logDet, slope, bend } = await results(map, 'inverseWithLogDet', UNBOUNDED);
      const { lower = -Infinity, upper = Infinity } = map as { readonly lower?: number; readonly upper?: number };
      for (const x of value) {
        expect(x).toBeGreaterThan(lower);
        expect(x).toBeLessThan(upper);
      }
      expect([...value, ...logDet, ...slope, ...bend].every(Number.isFinite)).toBe(true);
      expect([...value].toSorted((a, b) => a - b)).toEqual(value);
      const back = await results(map, 'forwardWithLogDet', value);
      expect([...back.value, ...back.logDet].every(Number.isFinite)).toBe(true);
    });

    it('for an input of NaN, the results are NaN', async () => {
      for (const map of [
        { map: 'identity' },
        { map: 'log', lower: 0 },
        { map: 'logit', lower: 0, upper: 1 },
        { map: 'asinh', center: 0, scale: 1 },
      ] as const)
        for (const method of ['forwardWithLogDet', 'inverseWithLogDet'] as const) {
          const { value, logDet } = await results(map, method, [Number.NaN, 0.5]);
          expect(value.map(Number.isNaN), `${map.map}, ${method}`).toEqual([true, false]);
          // The log-determinant of the identity is constant, so it stays finite.
          expect(logDet.map(Number.isNaN), `log-determinant of ${map.map}, ${method}`).toEqual([
            map.map !== 'identity',
            false,
          ]);
        }
    });
  });
};
