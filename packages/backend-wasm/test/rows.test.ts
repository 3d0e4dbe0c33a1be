import { wasm } from '@impflow/backend-wasm';
import { isFlowError } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import {
  einsum,
  engine,
  gather,
  memory,
  tensor,
  tidy,
  tile,
  unsortedSegmentSum,
  where,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const thrown = (f: () => void): unknown => {
  try {
    f();
  } catch (error) {
    return error;
  }
  return undefined;
};

const integers = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  tensor([...values], [...shape], 'int32');

describe('the kernels of `gather`, `unsortedSegmentSum`, `einsum` and `where`', () => {
  onBackend(wasm());

  it('`gather` refuses an index above or below the range', () =>
    tidy(() => {
      const x = tensor([1, 2, 3, 4], [2, 2]);
      for (const index of [2, -1])
        expect(
          isFlowError(
            thrown(() => gather(x, integers([0, index]))),
            'input',
          ),
        ).toBe(true);
    }));

  it('`unsortedSegmentSum` sums integers exactly, and returns the number of true values for booleans', () =>
    tidy(() => {
      const ids = integers([1, 0, 1]) as never;
      const sums = unsortedSegmentSum(integers([16777217, 2, 1]), ids, 2);
      expect([sums.dtype, ...sums.dataSync()]).toEqual(['int32', 2, 16777218]);
      const counts = unsortedSegmentSum(tensor([1, 1, 1], [3], 'bool'), ids, 2);
      expect([counts.dtype, ...counts.dataSync()]).toEqual(['int32', 1, 2]);
    }));

  it('`einsum` of integers returns integers', () =>
    tidy(() => {
      const product = einsum('ij,jk->ki', integers([1, 2, 3, 4, 5, 6], [2, 3]), integers([1, 0, 2, 1, 0, 3], [3, 2]));
      expect([product.dtype, product.shape, ...product.dataSync()]).toEqual(['int32', [2, 2], 5, 14, 11, 23]);
    }));

  it('`einsum` refuses a label that occurs twice in the output', () =>
    tidy(() => {
      expect(
        isFlowError(
          thrown(() => einsum('i->ii', tensor([1, 2]))),
          'input',
        ),
      ).toBe(true);
    }));

  it('the kernel `Select` copies whole rows if the condition has one boolean per row', () =>
    tidy(() => {
      const [t, e] = [tensor([1, 2, 3, 4, 5, 6], [3, 2]), tensor([-1, -2, -3, -4, -5, -6], [3, 2])];
      const rows = engine().runKernel<Tensor>('Select', { condition: tensor([1, 0, 1], [3], 'bool'), t, e });
      expect([...rows.dataSync()]).toEqual([1, 2, -3, -4, 5, 6]);
    }));

  it('the kernels leak no memory, also with views and casts', () => {
    const step = (): void =>
      tidy(() => {
        const x = tensor([1, 2, 3, 4], [2, 2]);
        einsum('ij->ij', x);
        einsum('ij,jk->ik', x, x);
        einsum('ij,jk->', integers([1, 2], [1, 2]), integers([1, 2], [2, 1]));
        tile(x, [1, 1]);
        tile(x, [2, 3]);
        where(tensor([1, 0], [2], 'bool'), integers([1, 2]), tensor([1, 2]));
        unsortedSegmentSum(tensor([1, 1], [2], 'bool'), integers([0, 0]) as never, 1);
        thrown(() => gather(x, integers([7])));
      });
    step();
    const { numTensors, numBytes, numDataBuffers } = memory();
    step();
    expect(memory()).toMatchObject({ numTensors, numBytes, numDataBuffers });
  });
});
