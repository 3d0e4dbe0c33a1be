import { cpu } from '@impflow/backend-cpu';
import { keep, tanh, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { expectKept, expectNothingLeft } from '../src/kept.ts';
import { onBackend } from '../src/on-backend.ts';

onBackend(cpu());

it('the message contains shape, type, kernel and source line of the tensors that are left', async () => {
  const left: Tensor[] = [];
  await expect(
    expectNothingLeft('a leak', async () => {
      const x = keep(tensor1d(await Promise.resolve([1, 2])));
      left.push(x, keep(tanh(x)));
    }),
  ).rejects.toThrow(
    new RegExp(
      String.raw`^a leak: expected the same number of tensors and buffers as before, got 2 tensors and 2 buffers ` +
        String.raw`more:\n {2}\[2\] float32, made at .*kept\.test.*\n {2}\[2\] float32, ` +
        String.raw`made by Tanh at .*kept\.test`,
    ),
  );
  expect(() =>
    expectKept('another', () => {
      left.push(tensor1d([1], 'int32'));
      return [];
    }),
  ).toThrow(/^another: expected nothing to be left, got 1 tensor:\n {2}\[1\] int32, made at .*kept\.test/);
  for (const tensor of left) tensor.dispose();
});

it('a tensor that replaces another tensor is not a leak', async () => {
  const cache = { tensor: tensor1d([1]) };
  const renew = (): void => {
    cache.tensor.dispose();
    cache.tensor = tensor1d([2]);
  };
  await expect(expectNothingLeft('a cache', renew)).resolves.toBeUndefined();
  expect(() =>
    expectKept('a cache', () => {
      renew();
      return [];
    }),
  ).not.toThrow();
  cache.tensor.dispose();
});
