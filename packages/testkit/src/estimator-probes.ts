import { fold, key, scoped, type LogDetEstimator, type NetLinearization } from '@impflow/core';
import { expect } from 'vitest';
import { at, setting } from './estimator-measures.ts';

/** Number of estimates. */
const ESTIMATES = 120;
/** Number of entries of the first tangents whose signs are compared. */
const ENTRIES = 64;
/** Bound of the sums, in standard deviations of a sum with independent signs. */
const BOUND = 6.5;

/**
 * Checks that the signs of the probes, which are the first tangents of the pair, do not depend on the number of
 * products of the estimate. If one random number gives both, the terms of a roulette are biased.
 *
 * @remarks For numbers `n_i` of products with the mean `m`, and independent signs `s_i`, Hoeffding's inequality bounds
 * the probability that `|sum_i (n_i - m) s_i|` exceeds `b` times the norm of `n - m` by `2 exp(-b^2 / 2)`. This is
 * 1.3e-9 for each of the 64 entries, for every distribution of the numbers and of the signs.
 */
export const expectProbesIndependent = (method: LogDetEstimator): void =>
  scoped(() => {
    if (method.bias === 'exact') return;
    const { g, x } = setting([2], ENTRIES / 2);
    const seen = at(g, x, true, (lin) =>
      Array.from({ length: ESTIMATES }, (_, i) =>
        scoped(() => {
          let products = 0;
          const counted: NetLinearization = {
            ...lin,
            jvp: (t) => (products++, lin.jvp(t)),
            vjp: (u) => (products++, lin.vjp(u)),
            push: (t) => (products++, lin.push(t)),
          };
          const { pair } = method.estimate(counted, fold(key(33), i));
          return { products, signs: Array.from(pair!.pushed.tangents.dataSync().slice(0, ENTRIES), Math.sign) };
        }),
      ),
    );
    const mean = seen.reduce((total, { products }) => total + products, 0) / ESTIMATES;
    const norm = Math.hypot(...seen.map(({ products }) => products - mean));
    for (let entry = 0; entry < seen[0]!.signs.length; entry++) {
      const sum = seen.reduce((total, { products, signs }) => total + (products - mean) * signs[entry]!, 0);
      if (Math.abs(sum) > BOUND * norm)
        expect.fail(
          `Entry ${entry % 2} of row ${entry >> 1} of the first tangent: expected a sign that does not depend on the ` +
            `number of products, got a sum of signs times numbers of ${sum / norm} standard deviations in ` +
            `${ESTIMATES} estimates. Use a key of its own for the number of terms.`,
        );
    }
  });
