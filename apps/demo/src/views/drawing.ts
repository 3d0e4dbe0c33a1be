import type { Region } from '../protocol/data.ts';

/** Points drawn by hand, `x, y, x, y, ...`. */
export type Points = readonly number[];

/** A drawing: the points on the drawing pad, and, for undo, the points before each change, oldest first. */
export interface Drawing {
  readonly points: Points;
  readonly past: readonly Points[];
}

/** The square on which points are drawn. The square has the size of the region in which toy densities are shown. */
export const PAD: Region = [
  [-4, 4],
  [-4, 4],
];
/** Smallest number of points on which a model can be trained. */
export const LEAST = 12;
const MOST = 20_000;
const KEPT = 50;

export const emptyDrawing: Drawing = { points: [], past: [] };

/** Adds the current points to the undo history, so that the next change can be undone. */
export const begun = ({ points, past }: Drawing): Drawing => ({ points, past: [...past.slice(1 - KEPT), points] });

/** Replaces the points of a drawing and keeps its undo history. */
export const changed = (drawing: Drawing, points: Points): Drawing =>
  points === drawing.points ? drawing : { ...drawing, points };

export const undone = ({ points, past }: Drawing): Drawing => ({
  points: past.at(-1) ?? points,
  past: past.slice(0, -1),
});

/**
 * Adds `count` Gaussian points around a position. Points outside the pad are replaced by new draws. A drawing has at
 * most 20,000 points.
 */
export const puffed = (
  points: Points,
  [x, y]: readonly [number, number],
  spread: number,
  count: number,
  random: () => number,
): Points => {
  const more: number[] = [];
  const room = Math.min(count, MOST - points.length / 2);
  while (more.length < 2 * room) {
    // Box-Muller transform.
    const [radius, angle] = [spread * Math.sqrt(-2 * Math.log(1 - random())), 2 * Math.PI * random()];
    const [u, v] = [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
    if (onPad(u, v)) more.push(u, v);
  }
  return more.length === 0 ? points : [...points, ...more];
};

const onPad = (x: number, y: number): boolean => x >= PAD[0][0] && x <= PAD[0][1] && y >= PAD[1][0] && y <= PAD[1][1];

/** Removes all points whose distance from a position is at most `radius`. */
export const erased = (points: Points, [x, y]: readonly [number, number], radius: number): Points => {
  const kept: number[] = [];
  for (let i = 0; i < points.length; i += 2)
    if (Math.hypot(points[i]! - x, points[i + 1]! - y) > radius) kept.push(points[i]!, points[i + 1]!);
  return kept.length === points.length ? points : kept;
};

/**
 * Returns positions along a stroke between two pen positions. The distance between consecutive positions is at most
 * `apart`. The last position is the end of the stroke.
 */
export const along = (
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  apart: number,
): readonly (readonly [number, number])[] => {
  const pieces = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / apart));
  return Array.from(
    { length: pieces },
    (_, i) => [x0 + ((i + 1) / pieces) * (x1 - x0), y0 + ((i + 1) / pieces) * (y1 - y0)] as const,
  );
};

/**
 * Returns a generator of uniform numbers in `[0, 1)`. The generator mixes the bits of a counter in two rounds of
 * multiplication and shift. The quality of its numbers is sufficient to scatter points.
 */
export const scatter = (seed: number): (() => number) => {
  let counter = seed >>> 0;
  return () => {
    counter = (counter + 0x9e3779b9) >>> 0;
    let word = counter;
    word = Math.imul(word ^ (word >>> 16), 0x7feb352d);
    word = Math.imul(word ^ (word >>> 15), 0x846ca68b);
    return ((word ^ (word >>> 16)) >>> 0) / 2 ** 32;
  };
};
