import { normals, uniforms } from '@impflow/core';
import { logGaussian, logMeanExp, points, streams, type Toy } from './toy.ts';

interface Curve {
  readonly name: string;
  readonly description: string;
  readonly entropy: number;
  readonly sigma: number;
  /**
   * Number of nodes of the midpoint rule that integrates the density along the curve. There must be a few nodes in each
   * piece of the curve of length `sigma`.
   */
  readonly nodes: number;
  /** Returns the point of the curve at the fraction `t` in (0, 1) of the parameter. */
  at(t: number): readonly [number, number];
}

/**
 * Returns the distribution on a curve with a uniform parameter and Gaussian noise. `logDensity` computes `nodes`
 * exponentials.
 */
const noisyCurve = ({ sigma, nodes, at, ...rest }: Curve): Toy => {
  const along = Array.from({ length: nodes }, (_, i) => at((i + 0.5) / nodes));
  return Object.freeze<Toy>({
    ...rest,
    logDensity: (x, y) =>
      logMeanExp(nodes, (i) => logGaussian((x - along[i]![0]) ** 2 + (y - along[i]![1]) ** 2, sigma)),
    sample: (key, rows) => {
      const { along: where, noise } = streams(key);
      const [t, n] = [uniforms(where, rows), normals(noise, 2 * rows)];
      return points(rows, (row) => {
        const [x, y] = at(t[row]!);
        return [x + sigma * n[2 * row]!, y + sigma * n[2 * row + 1]!];
      });
    },
  });
};

// The entropies of `swissroll` and `moons` were computed by quadrature of the density. A test repeats the computation.
export const swissroll: Toy = noisyCurve({
  name: 'swissroll',
  description: 'a spiral of one and a half turns from radius 0.94 to 2.83, noise 0.2',
  entropy: 2.669635,
  sigma: 0.2,
  nodes: 768,
  at: (t) => {
    const angle = 1.5 * Math.PI * (1 + 2 * t);
    return [(angle * Math.cos(angle)) / 5, (angle * Math.sin(angle)) / 5];
  },
});
export const moons: Toy = noisyCurve({
  name: 'moons',
  description: 'two interleaved half circles of radius 2, noise 0.2',
  entropy: 2.393847,
  sigma: 0.2,
  nodes: 512,
  at: (t) => {
    // The first half of the parameter range gives the upper moon, the second half gives the lower moon.
    const angle = 2 * Math.PI * (t < 0.5 ? t : t - 0.5);
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return t < 0.5 ? [2 * c - 1, 2 * s - 0.2] : [2 * (1 - c) - 1, 2 * (0.5 - s) - 0.2];
  },
});
