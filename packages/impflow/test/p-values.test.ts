import { key, normals, uniforms } from '@impflow/core';
import { fit } from 'impflow';
import { describe, expect, it } from 'vitest';
import { ALL } from '../../testkit/private/extent.mjs';
import { letters } from './tables.ts';

const [ROWS, FRESH, SEEDS] = [400, 200, ALL ? 40 : 10];
/** Number of test rows: a tenth of all rows. A p-value is a share of the test rows. */
const HELD = ROWS / 10;

/**
 * Returns rows of two numbers with few digits, so that cells repeat and get noise. `y` depends on `x` and has a skewed
 * distribution.
 */
const numbers = (count: number, seed: number) => {
  const noise = normals(key(seed), 2 * count);
  return Array.from({ length: count }, (_, i) => ({
    x: Math.round(10 * noise[2 * i]!) / 10,
    y: Math.round(10 * Math.exp(0.5 * (noise[2 * i]! + noise[2 * i + 1]!))) / 10,
  }));
};
/** Returns rows like the rows of `numbers`, with an additional category on which `y` depends. */
const texts = (count: number, seed: number) => {
  const kinds = letters(count, seed);
  return numbers(count, seed).map((row, i) => ({
    ...row,
    y: kinds[i] === 'a' ? row.y : Math.round(10 * (row.y + 1)) / 10,
    kind: kinds[i]!,
  }));
};
/**
 * Returns rows like the rows of `texts`, with gaps in a tenth of the rows. Held-out rows and fresh rows without gaps
 * have the same distribution.
 */
const lacking = (count: number, seed: number) => {
  const u = uniforms(key(seed + 1), count);
  return texts(count, seed).map((row, i) => (u[i]! < 0.1 ? { ...row, x: null } : row));
};

/**
 * Trains several models, and returns the p-values of fresh rows under each model. Each training has its own seed,
 * training rows and fresh rows.
 */
const pValues = async (table: (count: number, seed: number) => readonly object[]): Promise<readonly number[][]> => {
  const all: number[][] = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const rows = table(ROWS, 2 * seed) as readonly Record<string, number>[];
    const model = await fit(rows, { steps: 5, workers: 1, hidden: [8], blocks: 1, batch: 100, seed });
    const fresh = table(FRESH, 1000 + 2 * seed) as readonly Record<string, number>[];
    all.push(model.score(fresh.filter(({ x }) => x !== null)).map(({ pValue }) => pValue));
    model.dispose();
  }
  return all;
};

/**
 * Returns the standard deviation of the share of p-values of at most `alpha` in one training, if no two scores are
 * equal. With `n` held-out rows, `p <= alpha` means that at most `k - 1` held-out rows have a lower log-density than
 * the fresh row, where `k = floor(alpha (n + 1))`. Given the held-out rows, the probability of this event is
 * distributed as the k-th smallest of n uniform numbers, Beta(k, n + 1 - k). The m fresh rows of one training share the
 * held-out rows, so the count among them is beta-binomial. Trainings are independent.
 */
const deviation = (alpha: number, n: number, m: number): number => {
  const a = Math.floor(alpha * (n + 1));
  const b = n + 1 - a;
  const variance = (a * b * (a + b + m)) / (m * (a + b) ** 2 * (a + b + 1));
  return Math.sqrt(variance);
};

describe('the p-value of a fresh row is at most `a` with a probability of at most `a`', () => {
  it.each([
    ['numbers that repeat', numbers, HELD],
    ['numbers, a category and gaps', lacking, 0.9 * HELD],
  ] as const)(
    'with %s',
    async (what, table, held) => {
      const found = await pValues(table);
      const mean = (of: (p: number) => number): number =>
        found.reduce((sum, each) => sum + each.reduce((count, p) => count + of(p), 0) / each.length, 0) / SEEDS;
      for (const alpha of [0.05, 0.1]) {
        const error = deviation(alpha, held, FRESH) / Math.sqrt(SEEDS);
        const share = mean((p) => (p <= alpha ? 1 : 0));
        console.log(
          `${what}: ${share.toFixed(4)} of the p-values are at most ${alpha}, standard error ${error.toFixed(4)}`,
        );
        // The bound is three standard errors above alpha: with a true rate of alpha, the test fails once in 700 times.
        // Equal scores only make p-values larger.
        expect(share, `share of p-values of at most ${alpha}`).toBeLessThan(alpha + 3 * error);
        // The bound above also holds if all p-values are 1, so the mean is checked as well.
        expect(share).toBeGreaterThan(0.4 * alpha);
      }
      // Without equal scores, a p-value has the mean (n + 2) / (2 n + 2). The mean p-value of a training has the
      // variance 1 / (12 n) + 1 / (12 m).
      expect(mean((p) => p)).toBeGreaterThan(0.5 - 3 * Math.sqrt((1 / held + 1 / FRESH) / (12 * SEEDS)));
      expect(mean((p) => p)).toBeLessThan(0.56);
    },
    300_000,
  );
});
