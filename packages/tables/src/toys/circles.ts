import { normals, uniforms } from '@impflow/core';
import { choose, logGaussian, logMeanExp, points, streams, type Toy } from './toy.ts';

interface Circles {
  readonly name: string;
  readonly description: string;
  readonly entropy: number;
  readonly radii: readonly number[];
  readonly sigma: number;
}

/**
 * Returns the distribution on equally likely circles around the origin, with Gaussian noise.
 *
 * @remarks For one circle of radius r, the density at distance s from the origin is the density of the noise, averaged
 * over the angle (Rice distribution): `N(s^2 + r^2) I0(s r / sigma^2)`, where `N` is the Gaussian density as a function
 * of the squared distance.
 */
const noisyCircles = ({ radii, sigma, ...rest }: Circles): Toy =>
  Object.freeze<Toy>({
    ...rest,
    logDensity: (x, y) => {
      const s = Math.hypot(x, y);
      return logMeanExp(
        radii.length,
        (k) => logGaussian(s * s + radii[k]! ** 2, sigma) + logBesselI0((s * radii[k]!) / sigma ** 2),
      );
    },
    sample: (key, rows) => {
      const { choice, along, noise } = streams(key);
      const [which, turn, n] = [choose(choice, rows, radii.length), uniforms(along, rows), normals(noise, 2 * rows)];
      return points(rows, (row) => {
        const [radius, angle] = [radii[which[row]!]!, 2 * Math.PI * turn[row]!];
        return [radius * Math.cos(angle) + sigma * n[2 * row]!, radius * Math.sin(angle) + sigma * n[2 * row + 1]!];
      });
    },
  });

// The entropies of `circles` and `rings` were computed by quadrature over the radius. A test repeats the computation.
export const circles: Toy = noisyCircles({
  name: 'circles',
  description: 'two circles of radius 3 and 1.5, noise 0.24',
  entropy: 3.268136,
  radii: [3, 1.5],
  sigma: 0.24,
});
export const rings: Toy = noisyCircles({
  name: 'rings',
  description: 'four circles of radius 0.75, 1.5, 2.25 and 3, noise 0.08',
  entropy: 2.623183,
  radii: [3, 2.25, 1.5, 0.75],
  sigma: 0.08,
});

/**
 * Returns `log I0(x)` for `x >= 0`, where `I0` is the modified Bessel function of order 0. The error is about
 * `1e-14 max(1, x)`.
 *
 * @see Abramowitz and Stegun, Handbook of Mathematical Functions, 1964, equations 9.6.12 (series) and 9.7.1
 * (asymptotic).
 */
export const logBesselI0 = (x: number): number => {
  // For x of at least 20, the asymptotic terms fall below 1e-17 before they grow. For smaller x, the power series is
  // used, which has no cancellation.
  if (x < 20) return Math.log(sumOfRatios((k) => (x * x) / (4 * k * k)));
  return x - 0.5 * Math.log(2 * Math.PI * x) + Math.log(sumOfRatios((k) => (2 * k - 1) ** 2 / (8 * k * x)));
};

/**
 * Returns the sum `1 + r(1) + r(1) r(2) + …` of a series, up to the first negligible term. `r(k)` is the ratio of two
 * consecutive terms. The ratios must fall below 1, and must stay below 1 up to the last term.
 */
const sumOfRatios = (ratio: (k: number) => number): number => {
  let [term, sum] = [1, 1];
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= ratio(k);
    sum += term;
  }
  return sum;
};
