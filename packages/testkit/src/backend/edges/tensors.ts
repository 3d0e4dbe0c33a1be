import {
  add,
  broadcastTo,
  cast,
  concat,
  fill,
  gather,
  grads,
  greater,
  matMul,
  mul,
  ones,
  range,
  reshape,
  slice,
  stack,
  sub,
  sum,
  tensor1d,
  tensor2d,
  tile,
  transpose,
  unstack,
  where,
  zeros,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectAgreement } from '../../agree.ts';
import { valuesOf } from '../numbers.ts';
import type { Edge } from './edge.ts';

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

const choices: readonly Edge[] = [
  {
    name: 'where drops the values that are not chosen',
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
    name: 'gradient of where ignores the values that are not chosen',
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

/** Laws of operations that move and choose numbers, and of whole numbers. */
export const tensors: readonly Edge[] = [...moves, ...choices, ...whole];
