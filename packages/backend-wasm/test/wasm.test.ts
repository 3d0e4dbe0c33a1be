import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { onBackend, testBackend } from '@impflow/testkit';
import { tensor1d, tensor2d, tidy, unsortedSegmentSum } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

testBackend({ adapter: wasm, reference: cpu });

describe('UnsortedSegmentSum', () => {
  onBackend(wasm());

  it('sums the rows of each segment, drops ids outside, and knows empty segments', () => tidy(() => {
    const sums = unsortedSegmentSum(tensor2d([[1, 2], [3, 4], [5, 6], [7, 8]]), tensor1d([2, 0, 2, -1], 'int32'), 4);
    expect(sums.shape).toEqual([4, 2]);
    expect([...sums.dataSync()]).toEqual([3, 4, 0, 0, 6, 8, 0, 0]);
  }));
});
