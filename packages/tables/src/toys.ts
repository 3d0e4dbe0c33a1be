import { unknownName } from '@impflow/core';
import { checkerboard } from './toys/checkerboard.ts';
import { circles, rings } from './toys/circles.ts';
import { moons, swissroll } from './toys/curves.ts';
import { eightGaussians } from './toys/eight-gaussians.ts';
import { pinwheel } from './toys/pinwheel.ts';
import type { Toy } from './toys/toy.ts';
import { twoSpirals } from './toys/two-spirals.ts';

/**
 * Eight two-dimensional distributions, by name, that papers on continuous and invertible normalizing flows use as
 * examples.
 *
 * @see Grathwohl, Chen, Bettencourt, Sutskever, Duvenaud, FFJORD, ICLR 2019, arXiv:1810.01367, figure 2.
 */
export const toys: Readonly<Record<string, Toy>> = Object.freeze(
  Object.fromEntries(
    [swissroll, eightGaussians, pinwheel, circles, moons, twoSpirals, checkerboard, rings].map((entry) => [
      entry.name,
      entry,
    ]),
  ),
);

/**
 * Returns the two-dimensional example distribution with the given name.
 *
 * @throws `registry` for an unknown name, with the nearest known name.
 */
export const toy = (name: string): Toy => {
  const found = Object.hasOwn(toys, name) ? toys[name] : undefined;
  if (found === undefined) throw unknownName('tables/toy', 'toy', name, Object.keys(toys));
  return found;
};
