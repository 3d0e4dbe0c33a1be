import { bits, FlowError, shown, type Key } from '@impflow/core';

/** A distribution of `N`, the number of random terms of {@link russianRoulette}. */
export interface Distribution {
  /** Name of the distribution, such as `geometric`. */
  readonly name: string;
  /** Draws a number `N`, a nonnegative integer. */
  sample(key: Key): number;
  /**
   * Returns the probability `P(N >= m)`. The probability must be positive for every `m`; otherwise the estimate is
   * biased.
   */
  survival(m: number): number;
}

/** Options of {@link geometric}. */
export interface GeometricOptions {
  /** Probability that the series stops after a term, in `(0, 1)`. Default 0.5. */
  readonly p?: number;
}

/**
 * Geometric distribution, `P(N >= m) = (1 - p)^(m - 1)` for `m >= 1`. A draw is at least one, and `1 / p` on average.
 *
 * @throws `option` for a `p` outside `(0, 1)`.
 */
export const geometric = ({ p = 0.5 }: GeometricOptions = {}): Distribution => {
  if (!(typeof p === 'number' && p > 0 && p < 1))
    throw new FlowError('option', 'logdet/geometric', 'Wrong p', { expected: 'a number in (0, 1)', got: shown(p) });
  return Object.freeze<Distribution>({
    name: 'geometric',
    sample: (key) => Math.max(1, Math.ceil(Math.log(uniform53(key)) / Math.log1p(-p))),
    survival: (m) => (m <= 1 ? 1 : (1 - p) ** (m - 1)),
  });
};

/** Options of {@link poisson}. */
export interface PoissonOptions {
  /** Mean number of terms, in `(0, 100]`. Default 2. */
  readonly lambda?: number;
}

/**
 * Poisson distribution, `P(N = i) = exp(-lambda) lambda^i / i!` for `i >= 0`. A draw is `lambda` on average, and can be
 * 0.
 *
 * @throws `option` for a `lambda` outside `(0, 100]`.
 */
export const poisson = ({ lambda = 2 }: PoissonOptions = {}): Distribution => {
  if (!(typeof lambda === 'number' && lambda > 0 && lambda <= 100))
    throw new FlowError('option', 'logdet/poisson', 'Wrong lambda', {
      expected: 'a number in (0, 100]',
      got: shown(lambda),
    });
  const mass = (i: number): number => Math.exp(i * Math.log(lambda) - lambda - logFactorial(i));
  return Object.freeze<Distribution>({
    name: 'poisson',
    sample: (key) => {
      const u = uniform53(key);
      let n = 0;
      for (let below = mass(0); below < u && n < MOST; below += mass(n)) n++;
      return n;
    },
    // Add the probabilities of the tail. The formula `1 - P(N < m)` would lose digits by cancellation.
    survival: (m) => {
      let total = 0;
      for (let i = Math.max(0, m); i < MOST; i++) {
        const next = mass(i);
        total += next;
        if (i > lambda && next <= 1e-17 * total) break;
      }
      return m <= 0 ? 1 : total;
    },
  });
};

/**
 * Largest possible draw, far above the typical draws with `lambda <= 100`. The limit ends the loop if the sum of all
 * probabilities stays below `u` because of rounding errors.
 */
const MOST = 1000;

const logFactorial = (n: number): number => {
  let sum = 0;
  for (let i = 2; i <= n; i++) sum += Math.log(i);
  return sum;
};

/**
 * Draws a uniform number in `(0, 1)` with 53 bits. Large draws of `N` are rare and have large weights, so the tail of
 * the distribution needs this resolution.
 */
const uniform53 = (key: Key): number => {
  const words = bits(key, 2);
  const [high, low] = [words[0]!, words[1]!];
  return ((high >>> 5) * 2 ** 26 + (low >>> 6) + 0.5) / 2 ** 53;
};
