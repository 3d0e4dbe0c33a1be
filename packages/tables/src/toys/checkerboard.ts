import { uniforms } from '@impflow/core';
import { points, streams, type Toy } from './toy.ts';

/**
 * The uniform distribution on the eight black squares of a board over [-4, 4]^2. The squares have side 2, so their
 * total area is 32 and the entropy is ln 32.
 */
export const checkerboard: Toy = Object.freeze<Toy>({
  name: 'checkerboard',
  description: 'uniform on the 8 black squares of a 4 by 4 board over [-4, 4]^2',
  entropy: Math.log(32),
  logDensity: (x, y) =>
    Math.abs(x) <= 4 && Math.abs(y) <= 4 && isEven(Math.floor(x / 2) + Math.floor(y / 2)) ? -Math.log(32) : -Infinity,
  sample: (key, rows) => {
    const { choice, along, across } = streams(key);
    const [u, v, half] = [uniforms(along, rows), uniforms(across, rows), uniforms(choice, rows)];
    return points(rows, (row) => {
      const x = 8 * inCell(u[row]!) - 4;
      const y = 2 * inCell(v[row]!) - (half[row]! < 0.5 ? 0 : 4) + (isEven(Math.floor(x / 2)) ? 0 : 2);
      return [x, y];
    });
  },
});

const isEven = (n: number): boolean => n % 2 === 0;

// Moves a point to the middle of its cell in a grid with the step 2^-20. Float32 represents this middle exactly, so
// rounding never moves a point across the edge of a square.
const inCell = (u: number): number => (Math.floor(u * 2 ** 20) + 0.5) / 2 ** 20;
