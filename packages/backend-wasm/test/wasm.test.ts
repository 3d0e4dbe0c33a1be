import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { onBackend, testBackend } from '@impflow/testkit';
import { engine, matMul, setBackend, tensor1d, tensor2d, tidy, unsortedSegmentSum } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { ALL } from '../../testkit/private/extent.mjs';

testBackend({ adapter: wasm, reference: cpu, steps: ALL ? 500 : 50 });

describe('a wasm backend that tfjs creates after the adapter of this package has run', () => {
  /** Calls a kernel of this package that replaces a kernel of tfjs, and a kernel that tfjs lacks. */
  const works = (): void =>
    tidy(() => {
      expect([...matMul(tensor2d([[1, 2]]), tensor2d([[3], [4]])).dataSync()]).toEqual([11]);
      expect([...unsortedSegmentSum(tensor1d([1, 2, 4]), tensor1d([0, 1, 0], 'int32'), 2).dataSync()]).toEqual([5, 2]);
    });

  const gone = async (): Promise<void> => {
    (await wasm().start()).dispose();
  };

  it.each(['relaxed', 'simd', 'stock'] as const)(
    '`setBackend` after a dispose makes a backend with the %s kernels',
    async (simd) => {
      const backend = await wasm({ simd }).start();
      backend.dispose();
      expect(await setBackend('wasm')).toBe(true);
      if (simd !== 'stock') works();
      await gone();
    },
  );

  it('`setBackend` after a reset of the engine makes a backend with the kernels of this package', async () => {
    await wasm().start();
    for (let i = 0; i < 2; i++) {
      engine().reset();
      expect(await setBackend('wasm')).toBe(true);
      works();
    }
    await gone();
  });
});

describe('the kernel `UnsortedSegmentSum`', () => {
  onBackend(wasm());

  it('`unsortedSegmentSum` ignores ids outside the range, and returns 0 for empty segments', () =>
    tidy(() => {
      const sums = unsortedSegmentSum(
        tensor2d([
          [1, 2],
          [3, 4],
          [5, 6],
          [7, 8],
        ]),
        tensor1d([2, 0, 2, -1], 'int32'),
        4,
      );
      expect(sums.shape).toEqual([4, 2]);
      expect([...sums.dataSync()]).toEqual([3, 4, 0, 0, 6, 8, 0, 0]);
    }));
});
