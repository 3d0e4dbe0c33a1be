import { expect, it } from 'vitest';
import { blockQueue, type BlockQueue, type Part } from '../../src/serve/block-queue.ts';

/** Makes a queue that doubles numbers, and a list of the parts of the blocks that the queue has computed. */
const doubling = (
  mostWaiting = 1000,
  costOf = (_: readonly number[], row: number): number => (row >= 0 ? 1 : 0),
): {
  readonly queue: BlockQueue<readonly number[], readonly number[]>;
  readonly blocks: (readonly Part<readonly number[]>[])[];
} => {
  const blocks: (readonly Part<readonly number[]>[])[] = [];
  const queue = blockQueue<readonly number[], readonly number[]>({
    compute: (parts) => {
      blocks.push(parts);
      return parts.map(({ input, first, count }) => input.slice(first, first + count).map((value) => 2 * value));
    },
    costOf,
    mostWaiting,
  });
  return { queue, blocks };
};
const going = (): AbortSignal => new AbortController().signal;
const list = (length: number): readonly number[] => Array.from({ length }, (_, i) => i);

it('a queue computes requests that arrive together in one block, and gives each request its results', async () => {
  const { queue, blocks } = doubling();
  const found = await Promise.all(list(20).map((value) => queue.add([value], 1, going())));
  expect(found).toEqual(list(20).map((value) => [[2 * value]]));
  expect(blocks.map((parts) => parts.length)).toEqual([20]);
  expect(queue.waiting()).toEqual({ requests: 0, rows: 0 });
});

it('a queue shares blocks, so that a short request does not wait until a long request is done', async () => {
  const { queue, blocks } = doubling();
  let done = 0;
  const long = queue.add(list(500), 500, going()).then((parts) => {
    done++;
    return [done, parts.flat()] as const;
  });
  const short = queue.add([7], 1, going()).then(() => ++done);
  expect(await short).toBe(1);
  expect(await long).toEqual([2, list(500).map((value) => 2 * value)]);
  expect(blocks[0]!.map(({ count }) => count)).toEqual([16, 1]);
  // After fast blocks, the next blocks are larger.
  expect(blocks.length).toBeLessThan(10);
});

it('a queue computes a row that costs more than a block in a separate block', async () => {
  const { queue, blocks } = doubling(1000, () => 1e6);
  await Promise.all([queue.add(list(3), 3, going()), queue.add([1], 1, going())]);
  expect(blocks.map((parts) => parts.map(({ count }) => count))).toEqual([[1], [1], [1], [1]]);
});

it('a queue drops an aborted request, and continues with the other requests', async () => {
  const { queue, blocks } = doubling(10_000);
  const leaving = new AbortController();
  const left = queue.add(list(1000), 1000, leaving.signal).catch((error: unknown) => error);
  const stays = queue.add(list(100), 100, going());
  setImmediate(() => leaving.abort(new Error('left')));
  expect(await left).toEqual(new Error('left'));
  expect((await stays).flat()).toEqual(list(100).map((value) => 2 * value));
  const rows = blocks.flat().reduce((sum, { count }) => sum + count, 0);
  expect(rows).toBeLessThan(500);
});

it('a queue refuses requests when too many rows wait, but never refuses the only request', async () => {
  const { queue } = doubling(10);
  const first = queue.add(list(12), 12, going());
  await expect(queue.add([1], 1, going())).rejects.toMatchObject({ status: 503, what: 'Too many rows wait' });
  expect(await first).toHaveLength(1);
  expect(await queue.add([1], 1, going())).toEqual([[2]]);
});

it('a queue rejects the requests of a block that fails, and continues with later requests', async () => {
  let count = 0;
  const queue = blockQueue<null, number>({
    compute: (parts) => {
      if (count++ === 0) throw new Error('broken');
      return parts.map(() => 1);
    },
    costOf: () => 1,
    mostWaiting: 10,
  });
  await expect(queue.add(null, 1, going())).rejects.toThrow('broken');
  expect(await queue.add(null, 1, going())).toEqual([1]);
});
