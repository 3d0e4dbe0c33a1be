import { Z95 } from './z95.ts';

/** A proportion with its 95 % confidence interval. */
export interface Share {
  /** The proportion, in `[0, 1]`. */
  readonly mean: number;
  /** Lower end of the interval. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
}

/**
 * Returns the proportion `hits / count` with its Wilson score interval.
 *
 * @see Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22, 1927.
 */
export const wilson = (hits: number, count: number): Share => {
  const mean = hits / count;
  const z2 = Z95 ** 2;
  const center = (mean + z2 / (2 * count)) / (1 + z2 / count);
  const half = (Z95 / (1 + z2 / count)) * Math.sqrt((mean * (1 - mean)) / count + z2 / (4 * count ** 2));
  return { mean, low: Math.max(0, center - half), high: Math.min(1, center + half) };
};
