import { fold, key, normals, uniforms } from '@impflow/core';

/** A row with two correlated numbers `x` and `y`, and an independent number `z`. */
export type Measured = Readonly<Record<'x' | 'y' | 'z', number>>;

/** Correlation of `x` and `y` in {@link gaussianRows}. */
const CORRELATION = 0.8;

/** Draws rows from a Gaussian: `x` and `y` are correlated, and `z` is independent. All variances are 1. */
export const gaussianRows = (count: number, seed: number): Measured[] => {
  const noise = normals(key(seed), 3 * count);
  const rest = Math.sqrt(1 - CORRELATION ** 2);
  return Array.from({ length: count }, (_, i) => {
    const [x, other, z] = noise.slice(3 * i, 3 * i + 3) as unknown as [number, number, number];
    return { x, y: CORRELATION * x + rest * other, z };
  });
};

/** Returns `log p` of a row of {@link gaussianRows} in nats. */
export const gaussianLogDensity = ({ x, y, z }: Measured): number => {
  const rest = 1 - CORRELATION ** 2;
  return -(x ** 2 + (y - CORRELATION * x) ** 2 / rest + z ** 2 + Math.log(rest)) / 2 - 1.5 * Math.log(2 * Math.PI);
};

/** Draws one letter per row, independent of all other columns. */
export const letters = (count: number, seed: number): string[] =>
  Array.from(uniforms(fold(key(seed), 1), count), (u) => (u < 0.5 ? 'a' : u < 0.8 ? 'b' : 'c'));
