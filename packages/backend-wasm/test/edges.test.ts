import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import type { BackendAdapter } from '@impflow/core';
import {
  all,
  any,
  clipByValue,
  fill,
  gatherND,
  max,
  maximum,
  maxPool,
  mean,
  min,
  minimum,
  prod,
  scalar,
  scatterND,
  sparseToDense,
  sum,
  tensor,
  tensor1d,
  tensor2d,
  tensor4d,
  tensorScatterUpdate,
  tidy,
  util,
  type DataType,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

const cases = new Map<string, () => Tensor>();

const reductions = { max, min, prod, sum, mean, any, all };
for (const [name, f] of Object.entries(reductions))
  for (const dtype of (name === 'any' || name === 'all' ? ['bool'] : ['float32', 'int32']) as DataType[])
    for (const [shape, axis] of [
      [[0], 0],
      [[0, 3], 0],
      [[3, 0], 1],
      [[2, 0, 3], 1],
      [
        [2, 0, 3],
        [0, 1],
      ],
      [[2, 3], 1],
    ] as const)
      for (const keepDims of [false, true])
        cases.set(`${name} of ${dtype} [${shape}] along ${axis}, keepDims ${keepDims}`, () =>
          f(
            tensor(
              Array.from({ length: util.sizeFromShape([...shape]) }, (_, i) => i % 2),
              [...shape],
              dtype,
            ),
            axis as number,
            keepDims,
          ),
        );

const vector = [NaN, 1, -1, 0, 2, Infinity, -Infinity, 0.5];
for (const [name, f] of Object.entries({ maximum, minimum })) {
  cases.set(`${name} of all pairs`, () => f(tensor2d(vector, [8, 1]), tensor2d(vector, [1, 8])));
  cases.set(`${name} of all pairs, the other way round`, () => f(tensor2d(vector, [1, 8]), tensor2d(vector, [8, 1])));
  cases.set(`${name} of a vector and a matrix`, () => f(tensor1d(vector), tensor2d([...vector, ...vector], [2, 8])));
  cases.set(`${name} of a matrix and a vector`, () => f(tensor2d([...vector, ...vector], [2, 8]), tensor1d(vector)));
  cases.set(`${name} of a vector and NaN`, () => f(tensor1d(vector), scalar(NaN)));
  cases.set(`${name} of 1 and NaN`, () => f(scalar(1), scalar(NaN)));
  cases.set(`${name} of integers`, () => f(tensor1d([3, -4], 'int32'), tensor1d([2, 2], 'int32')));
}
for (const [low, high] of [
  [0, 1],
  [-1, 1],
  [0.5, 1.5],
  [-Infinity, 1],
] as const) {
  cases.set(`clipByValue of int32 to ${low}, ${high}`, () =>
    clipByValue(tensor1d([-5, -1, 0, 1, 2, 7], 'int32'), low, high),
  );
  cases.set(`clipByValue of float32 to ${low}, ${high}`, () => clipByValue(tensor1d(vector), low, high));
}
const image = (numbers: readonly number[]): Tensor => tensor4d([...numbers], [1, 4, 4, numbers.length / 16]);
for (const pad of ['valid', 'same'] as const)
  for (const stride of [1, 2])
    for (const [what, numbers] of Object.entries({
      'some NaN': [NaN, 1, 2, 3, -4, -5, -6, -7, -1, -2, -3, -4, NaN, NaN, NaN, NaN],
      'only NaN': Array.from({ length: 16 }, () => NaN),
      '-Infinity': Array.from({ length: 16 }, () => -Infinity),
      'NaN in two channels': Array.from({ length: 32 }, (_, i) => (i % 5 === 0 ? NaN : i - 8)),
    }))
      cases.set(`maxPool of ${what}, ${pad}, stride ${stride}`, () =>
        maxPool(image(numbers) as Parameters<typeof maxPool>[0], 2, stride, pad),
      );
const square = (dtype: 'float32' | 'int32'): Tensor => tensor2d([1, 2, 3, 4], [2, 2], dtype);
for (const index of [[0, 1], [1, 1], [0, 5], [2, 0], [-1, 0], [0, -1], [1_000_000, 0], [1], [5]]) {
  const indices = (): Tensor => tensor2d(index, [1, index.length], 'int32');
  for (const dtype of ['float32', 'int32'] as const)
    cases.set(`gatherND of ${dtype} at ${index}`, () => gatherND(square(dtype), indices()));
  const updates = (): Tensor => fill(index.length === 2 ? [1] : [1, 2], 7);
  cases.set(`scatterND at ${index}`, () => scatterND(indices(), updates(), [2, 2]));
  cases.set(`tensorScatterUpdate at ${index}`, () => tensorScatterUpdate(square('float32'), indices(), updates()));
}
for (const place of [0, 2, 3, -1])
  cases.set(`sparseToDense at ${place}`, () =>
    sparseToDense(tensor1d([place], 'int32'), tensor1d([7]), [3], scalar(0)),
  );

/** Fills memory that the backend frees and uses again, so that an operation that reads it is found. */
const litter = (): void =>
  tidy(() => {
    for (let i = 0; i < 40; i++) fill([1 + (i % 17)], 42.5);
  });

/** Returns the result of each case, or the words of its error. */
const outcomes = async (adapter: BackendAdapter): Promise<ReadonlyMap<string, unknown>> => {
  const backend = await adapter.start();
  const found = new Map<string, unknown>();
  for (const [name, f] of cases) {
    litter();
    try {
      found.set(
        name,
        tidy(() => {
          const result = f();
          // 0 and -0 are equal here.
          return { dtype: result.dtype, shape: result.shape, numbers: Array.from(result.dataSync(), (x) => x + 0) };
        }),
      );
    } catch (error) {
      found.set(name, /Invalid indices: .*?(?=\.?$)/.exec((error as Error).message)?.[0] ?? error);
    }
  }
  backend.dispose();
  return found;
};

it('reductions of empty axes, indices out of range, clipped integers and NaN give the results of the backend cpu', async () => {
  const expected = await outcomes(cpu());
  const got = await outcomes(wasm());
  expect(cases.size).toBeGreaterThan(200);
  expect(Object.fromEntries(got)).toEqual(Object.fromEntries(expected));
});
