import { slice, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Returns the time of one call of `body` after a warm-up, in milliseconds. The time is the mean over a series of calls
 * that takes about `budgetMs` milliseconds in all. Devices compute asynchronously, so the series ends when one number
 * of the last result is read.
 *
 * @param body The measured function. The measurement disposes the results of `body`.
 * @remarks The measurement takes at most about three times the budget. If the first call exceeds the budget, the time
 * of this call is returned.
 */
export const timeSeries = async (body: () => Tensor | Promise<Tensor>, budgetMs: number): Promise<number> => {
  const run = async (count: number): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      const result = await body();
      if (i === count - 1) await waitFor(result);
      result.dispose();
    }
    return performance.now() - start;
  };
  // The first call is a warm-up, because it may compile programs.
  const first = await run(1);
  if (first > budgetMs) return first;
  for (let count = 1; ; count *= 2) {
    const ms = await run(count);
    if (ms > budgetMs / 2) return ms / count;
  }
};

const waitFor = async (result: Tensor): Promise<void> => {
  if (result.rank === 0) return void (await result.data());
  const one = slice(
    result,
    result.shape.map(() => 0),
    result.shape.map(() => 1),
  );
  await one.data();
  one.dispose();
};
