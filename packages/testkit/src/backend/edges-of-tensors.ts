import { key, drawNormal, sampleNorm } from '@impflow/core';
import {
  add,
  broadcastTo,
  cast,
  concat,
  fill,
  gather,
  grads,
  greater,
  logSoftmax,
  logSumExp,
  matMul,
  max,
  mean,
  mul,
  neg,
  ones,
  range,
  reshape,
  slice,
  stack,
  sub,
  sum,
  tensor,
  tensor1d,
  tensor2d,
  tile,
  topk,
  transpose,
  unstack,
  where,
  zeros,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectAgreement } from '../agree.ts';
import type { Edge } from './edges-of-functions.ts';
import { valuesOf } from './numbers.ts';

// Numbers that a copy must preserve bit for bit.
const SPECIAL = [Number.NaN, Infinity, -Infinity, 0, 1e30, -1e30, 1e-30, -1e-30, 1 / 3, 16777215, -1].map(Math.fround);

/** Operations that move numbers. The result contains `x` in order, once or several times. */
const MOVES: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  'reading back': (x) => x,
  reshape: (x) => reshape(x, [x.size, 1]),
  slice: (x) => slice(concat([zeros([3]), x, zeros([5])]), [3], [x.size]),
  concat: (x) => concat([slice(x, [0], [2]), slice(x, [2], [x.size - 2])]),
  gather: (x) => gather(gather(x, range(x.size - 1, -1, -1, 'int32')), range(x.size - 1, -1, -1, 'int32')),
  transpose: (x) => transpose(tile(reshape(x, [x.size, 1]), [1, 70])),
  stack: (x) => stack(unstack(x)),
  tile: (x) => tile(reshape(x, [1, x.size]), [70, 1]),
  broadcastTo: (x) => broadcastTo(x, [70, x.size]),
  where: (x) => where(greater(ones([x.size]), 0), x, zeros([x.size])),
};
const keeps = async (f: (x: Tensor) => Tensor): Promise<void> => {
  const got = await valuesOf(() => f(tensor1d(Float32Array.from(SPECIAL))));
  // The sign of a zero may be lost.
  expectAgreement(
    got,
    got.map((_, i) => SPECIAL[i % SPECIAL.length]!),
    { what: 'the numbers that were moved', width: SPECIAL.length },
  );
};
const moves: readonly Edge[] = Object.entries(MOVES).map(([name, f]) => ({
  name: `${name} keeps every number`,
  holds: () => keeps(f),
}));

/** Number of rows of a batch, and the bad row. */
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

/** Operations on rows. A bad row must not change the others, and must stay bad. */
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
/** Checks that no entry of the bad row looks valid. */
const shows = async (f: (x: Tensor) => Tensor, bad: number): Promise<void> => {
  const row = badOf(await valuesOf(() => f(batch(bad))));
  const fine = row.findIndex((value) => (Number.isNaN(bad) ? !Number.isNaN(value) : Number.isFinite(value)));
  if (fine >= 0)
    expect.fail(
      `Entry ${fine} of the row of ${bad}: expected ${Number.isNaN(bad) ? 'NaN' : 'no finite number'}, got ${row[fine]}.`,
    );
};
const rowwise: readonly Edge[] = Object.entries(ROWWISE).flatMap(([name, f]): Edge[] => [
  { name: `${name}: a bad row touches no other`, holds: () => untouched(f) },
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
  // The uniform base uses it to find rows outside its cube.
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

const choices: readonly Edge[] = [
  {
    name: 'where drops what is not chosen',
    holds: async () => {
      const mask = (): Tensor =>
        reshape(
          tensor1d(
            Uint8Array.from({ length: 64 }, (_, i) => i % 2),
            'bool',
          ),
          [64, 1],
        );
      for (const bad of [Number.NaN, Infinity, -Infinity, 1e30]) {
        for (const [odd, even] of [
          [2, bad],
          [bad, 2],
        ] as const) {
          const wanted = Array.from({ length: 192 }, (_, i) => Math.fround(Math.floor(i / 3) % 2 === 1 ? odd : even));
          expectAgreement(await valuesOf(() => where(mask(), fill([64, 3], odd), fill([64, 3], even))), wanted, {
            what: `where with ${odd} and ${even}`,
            width: 3,
          });
        }
      }
    },
  },
  {
    name: 'gradient of where does not see what is not chosen',
    holds: async () => {
      const choose = (x: Tensor, y: Tensor): Tensor => where(tensor1d([1, 0, 1], 'bool'), x, y);
      const [dx, dy] = [0, 1].map(
        (i) => () => grads(choose)([tensor1d([1, Number.NaN, 3]), tensor1d([Infinity, 2, Number.NaN])])[i]!,
      );
      expect([await valuesOf(dx!), await valuesOf(dy!)]).toEqual([
        [1, 0, 1],
        [0, 1, 0],
      ]);
    },
  },
  {
    name: 'fill with Infinity',
    holds: async () => {
      for (const size of [1, 3, 300])
        expectAgreement(
          await valuesOf(() => fill([size], Infinity)),
          Array.from({ length: size }, () => Infinity),
          { what: `${size} times Infinity` },
        );
    },
  },
];

const whole: readonly Edge[] = [
  {
    name: 'whole numbers are exact in sums and products',
    holds: async () => {
      expect(await valuesOf(() => mul(tensor1d([4095, -4095, 3]), tensor1d([4097, 4097, 5592405])))).toEqual([
        16777215, -16777215, 16777215,
      ]);
      expect(await valuesOf(() => add(tensor1d([16777214, -16777215, 8388608]), tensor1d([1, 1, 8388607])))).toEqual([
        16777215, -16777214, 16777215,
      ]);
      expect(await valuesOf(() => sum(range(0, 5000)))).toEqual([12497500]);
    },
  },
  {
    name: 'whole numbers are exact in matMul',
    holds: async () => {
      const entry = (i: number, j: number): number => (7 * i + 13 * j) % 255;
      const [m, k, n] = [33, 67, 9];
      const table = (rows: number, columns: number, at: (i: number, j: number) => number): number[][] =>
        Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_entry, j) => at(i, j)));
      const product = table(m, n, (i, j) =>
        Array.from({ length: k }, (_, l) => entry(i, l) * entry(l, j)).reduce((a, b) => a + b),
      );
      expectAgreement(
        await valuesOf(() => matMul(tensor2d(table(m, k, entry)), tensor2d(table(k, n, entry)))),
        product.flat(),
        { what: 'the product', width: n },
      );
    },
  },
  {
    name: 'whole numbers are exact in casts',
    holds: async () => {
      const numbers = [0, 1, -1, 65535, 65537, 8388609, 16777215, -16777215];
      expect(await valuesOf(() => cast(tensor1d(numbers, 'int32'), 'float32'))).toEqual(numbers);
      expect(await valuesOf(() => cast(tensor1d(numbers), 'int32'))).toEqual(numbers);
      expect(await valuesOf(() => cast(greater(tensor1d(numbers), 0), 'float32'))).toEqual(
        numbers.map((x) => Number(x > 0)),
      );
    },
  },
  {
    name: 'integers are exact up to 2^24',
    holds: async () => {
      expect(
        await valuesOf(() =>
          add(
            mul(tensor1d([0, 1, 129, 4095, 65535], 'int32'), tensor1d([67, 67, 67, 4096, 255], 'int32')),
            tensor1d([3, 66, 0, 4095, 255], 'int32'),
          ),
        ),
      ).toEqual([3, 133, 8643, 16777215, 16711680]);
      expect(await valuesOf(() => sub(tensor1d([16777215], 'int32'), tensor1d([1], 'int32')))).toEqual([16777214]);
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
    name: 'topk of equals is an order',
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
    name: 'topk takes the earlier of equals',
    holds: async () => {
      for (const row of TIES)
        expect(await valuesOf(() => ascending(tensor2d([row])))).toEqual(
          row.map((_, i) => i).sort((i, j) => row[i]! - row[j]! || i - j),
        );
    },
  },
  {
    name: 'topk: a row with NaN touches no other and stays within itself',
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

/** Laws of operations on tensors with NaN, infinities, integers and equal numbers. */
export const edgesOfTensors: readonly Edge[] = [...moves, ...rowwise, ...sums, ...choices, ...whole, ...sorting];
