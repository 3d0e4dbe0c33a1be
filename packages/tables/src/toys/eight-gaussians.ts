import { normals } from '@impflow/core';
import { choose, logGaussian, logMeanExp, points, streams, type Toy } from './toy.ts';

const RADIUS = 4 / 1.414;
const SIGMA = 0.5 / 1.414;
const CENTERS = Array.from(
  { length: 8 },
  (_, k) => [RADIUS * Math.cos((k * Math.PI) / 4), RADIUS * Math.sin((k * Math.PI) / 4)] as const,
);

/**
 * Mixture of eight equal Gaussians whose centers lie on a circle. The entropy was computed by quadrature of the
 * density. A test repeats the computation.
 */
export const eightGaussians: Toy = Object.freeze<Toy>({
  name: '8gaussians',
  description: 'eight Gaussians of standard deviation 0.354 on a circle of radius 2.83',
  entropy: 2.83188,
  logDensity: (x, y) => logMeanExp(8, (k) => logGaussian((x - CENTERS[k]![0]) ** 2 + (y - CENTERS[k]![1]) ** 2, SIGMA)),
  sample: (key, rows) => {
    const { choice, noise } = streams(key);
    const [which, n] = [choose(choice, rows, 8), normals(noise, 2 * rows)];
    return points(rows, (row) => {
      const [x, y] = CENTERS[which[row]!]!;
      return [x + SIGMA * n[2 * row]!, y + SIGMA * n[2 * row + 1]!];
    });
  },
});
