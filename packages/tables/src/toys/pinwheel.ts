import { normals } from '@impflow/core';
import { choose, points, streams, type Toy } from './toy.ts';

/**
 * Five Gaussian arms, each twisted around the origin by an angle that grows exponentially with the distance along the
 * arm.
 */
export const pinwheel: Toy = Object.freeze<Toy>({
  name: 'pinwheel',
  description: 'five arms twisted about the origin',
  sample: (key, rows) => {
    const { choice, noise } = streams(key);
    const [arm, n] = [choose(choice, rows, 5), normals(noise, 2 * rows)];
    return points(rows, (row) => {
      const [along, across] = [1 + 0.3 * n[2 * row]!, 0.1 * n[2 * row + 1]!];
      const angle = (2 * Math.PI * arm[row]!) / 5 + 0.25 * Math.exp(along);
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      return [2 * (along * c + across * s), 2 * (across * c - along * s)];
    });
  },
});
