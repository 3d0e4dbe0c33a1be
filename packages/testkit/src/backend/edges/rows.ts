import { key, drawNormal, sampleNorm } from '@impflow/core';
import {
  add,
  logSoftmax,
  logSumExp,
  matMul,
  max,
  mean,
  neg,
  reshape,
  sum,
  tensor,
  tensor1d,
  tensor2d,
  tile,
  topk,
  transpose,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectAgreement } from '../../agree.ts';
import { valuesOf } from '../numbers.ts';
import type { Edge } from './edge.ts';

/** Number of rows of a batch, and index of the row with NaN, infinity or 1e30. */
const ROWS = 129;
const BAD = 100;
const batch = (bad: number, width = 67): Tensor =>
  add(
    drawNormal(key(81), [ROWS, width]),
    reshape(tensor1d(Float32Array.from({ length: ROWS }, (_, i) => (i === BAD ? bad : 0))), [ROWS, 1]),
  );
const weight = (columns: number): Tensor => drawNormal(key(82), [67, columns]);
const badOf = (values: readonly number[], rows = ROWS): readonly number[] =>
  values.filter((_, i) => Math.floor(i / (values.length / rows)) === BAD);

/**
 * Operations on rows. A row with NaN, infinity or 1e30 must not change the results of other rows. The result of a row
 * with NaN must be NaN, and the result of a row with infinity must not be finite.
 */
const ROWWISE: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  matMul: (x) => matMul(x, weight(33)),
  'matMul by a transposed matrix': (x) => matMul(x, transpose(weight(2)), false, true),
  'matMul, batched': (x) => matMul(reshape(x, [ROWS, 1, 67]), tile(reshape(weight(3), [1, 67, 3]), [ROWS, 1, 1])),
  'sum of rows': (x) => sum(x, 1),
  'mean of rows': (x) => mean(x, 1),
  sampleNorm,
};
const untouched = async (f: (x: Tensor) => Tensor): Promise<void> => {
  const good = await valuesOf(() => f(batch(0)));
  for (const bad of [Number.NaN, Infinity, 1e30])
    expectAgreement(await valuesOf(() => f(batch(bad))), good, {
      what: `beside a row of ${bad}`,
      width: good.length / ROWS,
      except: (row) => row === BAD,
    });
};
/** Checks that the result of a row with NaN is NaN, and that the result of a row with infinity is not finite. */
const shows = async (f: (x: Tensor) => Tensor, bad: number): Promise<void> => {
  const row = badOf(await valuesOf(() => f(batch(bad))));
  const fine = row.findIndex((value) => (Number.isNaN(bad) ? !Number.isNaN(value) : Number.isFinite(value)));
  if (fine >= 0)
    expect.fail(
      `Entry ${fine} of the row of ${bad}: expected ${Number.isNaN(bad) ? 'NaN' : 'no finite number'}, got ${row[fine]}.`,
    );
};
const rowwise: readonly Edge[] = Object.entries(ROWWISE).flatMap(([name, f]): Edge[] => [
  { name: `${name}: a bad row does not change other rows`, holds: () => untouched(f) },
  { name: `${name}: a row of NaN stays NaN`, holds: () => shows(f, Number.NaN) },
  { name: `${name}: a row of Infinity is not finite`, holds: () => shows(f, Infinity) },
]);

const sums: readonly Edge[] = [
  {
    name: 'sum of infinities',
    holds: async () => {
      expect(
        await valuesOf(() =>
          sum(
            tensor2d([
              [Infinity, 1, 2],
              [-Infinity, 1, 2],
              [Infinity, -Infinity, 0],
              [Number.NaN, 1, 1],
              [1, 2, 3],
            ]),
            1,
          ),
        ),
      ).toEqual([Infinity, -Infinity, Number.NaN, Number.NaN, 6]);
    },
  },
  {
    name: 'the norm of a row of 1e30 is Infinity',
    holds: async () => {
      expect(
        await valuesOf(() =>
          sampleNorm(
            tensor2d([
              [1e30, -1e30],
              [3, 4],
              [0, 0],
            ]),
          ),
        ),
      ).toEqual([Infinity, 5, 0]);
    },
  },
  {
    name: 'max of a row keeps Infinity',
    holds: async () => {
      expect(
        await valuesOf(() =>
          max(
            tensor2d([
              [1, Infinity, 2],
              [-Infinity, -Infinity, -Infinity],
              [-1e30, -2, -3],
            ]),
            1,
          ),
        ),
      ).toEqual([Infinity, -Infinity, -2]);
    },
  },
  // The uniform base uses this maximum to find rows outside its cube.
  {
    name: 'max of a row keeps NaN',
    holds: async () => {
      expect(
        await valuesOf(() =>
          max(
            tensor2d([
              [Number.NaN, 0.5, 0.2],
              [0.5, Number.NaN, 0.2],
              [0.2, 0.5, Number.NaN],
            ]),
            1,
          ),
        ),
      ).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    },
  },
  {
    name: 'logSumExp and logSoftmax of large numbers',
    holds: async () => {
      const rows = [
        [1000, 1000, 0],
        [-1000, -1000, -1000],
        [-Infinity, 0, -Infinity],
      ];
      const [even, apart] = [
        await valuesOf(() => logSumExp(tensor2d(rows), 1)),
        await valuesOf(() =>
          logSoftmax(
            tensor2d([
              [1000, 1000, 0],
              [-1000, -1000, -1000],
            ]),
          ),
        ),
      ];
      [1000 + Math.LN2, Math.log(3) - 1000, 0].forEach((value, i) =>
        expect(Math.abs(even[i]! - value)).toBeLessThan(1e-3),
      );
      [-Math.LN2, -Math.LN2, -1000 - Math.LN2, -Math.log(3), -Math.log(3), -Math.log(3)].forEach((value, i) =>
        expect(Math.abs(apart[i]! - value)).toBeLessThan(1e-3),
      );
    },
  },
];

const ascending = (x: Tensor): Tensor => topk(neg(x), x.shape[1]!).indices;
const isOrder = (places: readonly number[]): void =>
  expectAgreement(
    places.toSorted((a, b) => a - b),
    places.map((_, i) => i),
    { what: 'the places, sorted' },
  );
const TIES = [
  [3, 1, 3, 1, 2, 3, 1],
  [0, 0, 0, 0, 0, 0, 0],
  [1, 2, 3, 4, 5, 6, 7],
  [7, 6, 5, 4, 3, 2, 1],
];
const sorting: readonly Edge[] = [
  {
    name: 'topk of equal numbers returns each index once',
    holds: async () => {
      for (const [row, width] of TIES.flatMap(
        (each) =>
          [
            [each, 7],
            [Array.from({ length: 129 }, (_, i) => each[i % 7]!), 129],
          ] as const,
      )) {
        const places = await valuesOf(() => ascending(tensor2d([row, row])));
        for (const part of [places.slice(0, width), places.slice(width)]) {
          isOrder(part);
          expectAgreement(
            part.map((place) => row[place]!),
            row.toSorted((a, b) => a - b),
            { what: 'the numbers in that order' },
          );
        }
      }
    },
  },
  {
    name: 'topk returns the earlier of equal numbers first',
    holds: async () => {
      for (const row of TIES)
        expect(await valuesOf(() => ascending(tensor2d([row])))).toEqual(
          row.map((_, i) => i).sort((i, j) => row[i]! - row[j]! || i - j),
        );
    },
  },
  {
    name: 'topk: a row with NaN does not change other rows, and its indices stay within the row',
    holds: async () => {
      for (const width of [7, 67]) {
        const rows = (bad: number): Tensor =>
          tensor(
            Float32Array.from({ length: 3 * width }, (_, i) =>
              Math.floor(i / width) === 1 && i % 3 === 0 ? bad : Math.sin(7 * i),
            ),
            [3, width],
          );
        const [good, spoiled] = [
          await valuesOf(() => ascending(rows(0))),
          await valuesOf(() => ascending(rows(Number.NaN))),
        ];
        expectAgreement(spoiled, good, { what: 'places beside a row with NaN', width, except: (row) => row === 1 });
        expect(spoiled.every((place) => Number.isInteger(place) && place >= 0 && place < width)).toBe(true);
      }
    },
  },
];

/** Laws of operations on rows: NaN and infinity change only their row, and sorting keeps the order of equal numbers. */
export const rows: readonly Edge[] = [...rowwise, ...sums, ...sorting];
