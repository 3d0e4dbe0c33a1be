import { normals, uniforms } from '@impflow/core';
import { points, streams, type Toy } from './toy.ts';

/**
 * Two spirals of one and a half turns, with uniform and Gaussian noise. The second spiral is the first spiral rotated
 * by 180 degrees.
 */
export const twoSpirals: Toy = Object.freeze<Toy>({
  name: '2spirals',
  description: 'two interleaved spirals of one and a half turns',
  sample: (key, rows) => {
    const { choice, along, across, noise } = streams(key);
    const [u, side, box, n] = [
      uniforms(along, rows),
      uniforms(choice, rows),
      uniforms(across, 2 * rows),
      normals(noise, 2 * rows),
    ];
    return points(rows, (row) => {
      const r = 3 * Math.PI * Math.sqrt(u[row]!);
      const sign = side[row]! < 0.5 ? 1 : -1;
      return [
        (sign * (-r * Math.cos(r) + 0.5 * box[2 * row]!)) / 3 + 0.1 * n[2 * row]!,
        (sign * (r * Math.sin(r) + 0.5 * box[2 * row + 1]!)) / 3 + 0.1 * n[2 * row + 1]!,
      ];
    });
  },
});
