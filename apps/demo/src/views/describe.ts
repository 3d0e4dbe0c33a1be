import { count, fixed, format } from '../axes.ts';
import type { ModelKind } from '../config.ts';
import type { MapImage, PathView, Quantity, Warp } from '../protocol/viewer.ts';
import type { ViewOptions } from '../state/session-types.ts';

// Captions of the pictures. Also descriptions of the pictures in numbers, for screen readers.

/** Returns a sentence that explains what a picture shows and how to read it. */
export const captionOf = (stage: ViewOptions['stage'], kind: ModelKind): string => {
  switch (stage) {
    case 'density':
      return (
        'The density of the model: the lighter a place, the denser. ' +
        'After successful training, only the places with dots of the data are light.'
      );
    case 'logDet':
      return (
        'How much the map to the base stretches the plane (orange) or squeezes it (blue) around each place. ' +
        'Places where the data are dense are stretched.'
      );
    case 'steps':
      if (kind === 'coupling')
        return 'A coupling model solves no equation in either direction: every place takes 0 steps.';
      if (kind === 'residual')
        return 'A residual model solves no equation from data to base: every place takes 0 steps. It solves equations from base to data, to draw samples.';
      return 'Number of solver steps for each place, in all blocks together. Lighter places take more steps. Steep and bent places take the most steps.';
    case 'planes':
    case 'warp':
      return (
        'A square grid in the plane of the data, after some of the blocks. ' +
        'Blocks bend and stretch the grid, but never fold or tear it, because each block has an inverse.'
      );
  }
};

const NAMES: Readonly<Record<Quantity, string>> = { density: 'Density', logDet: 'Log |det J|', steps: 'Solver steps' };

/** Describes a map, such as `Density of moons after 420 steps, largest 0.31`. */
export const mapInWords = ({ quantity, values, step }: MapImage, data: string): string => {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const range =
    most < least
      ? 'nothing finite'
      : quantity === 'density'
        ? `largest ${format(most, 2)}`
        : quantity === 'steps'
          ? `from ${count(least)} to ${count(most)}`
          : `from ${fixed(least, 2)} to ${fixed(most, 2)} nats`;
  return `${NAMES[quantity]} of ${data} after ${count(step)} steps, ${range}`;
};

export const warpInWords = ({ labels, stages, pointsPerLine, step }: Warp, stage: number, data: string): string =>
  `Grid of ${count((stages[0]?.length ?? 0) / 2 / pointsPerLine)} lines over ${data} after ${count(step)} steps, ` +
  `${stageName(labels, stage)}, stage ${stage + 1} of ${stages.length}`;

/**
 * Returns the name of a stage, such as `after implicit block 2`. The first and the last stage are called `data` and
 * `base`.
 */
export const stageName = (labels: readonly string[], stage: number): string => {
  const label = labels[stage] ?? '';
  return stage === 0 || stage === labels.length - 1 ? label : `after ${label}`;
};

/** Describes a point by its coordinates with the names of the columns, and by the map's value at the point. */
export const placeInWords = (
  [x, y]: readonly [number, number],
  columns: readonly [string, string],
  value?: { readonly quantity: Quantity; readonly number: number | undefined },
): string => {
  const place = `${columns[0]} ${format(x)}, ${columns[1]} ${format(y)}`;
  if (value?.number === undefined) return place;
  const { quantity, number } = value;
  const measured =
    quantity === 'steps'
      ? `${count(number)} solver steps`
      : quantity === 'logDet'
        ? `log |det J| ${fixed(number, 2)} nats`
        : `density ${format(number)}`;
  return `${place}: ${measured}`;
};

/**
 * Describes the path of a point through the blocks: the end of the path in base space, the log-density of the point,
 * and the round-trip error.
 */
export const pathInWords = ({ point, forward, error, logProb }: PathView): string => {
  const [x, y] = forward.subarray(forward.length - 2);
  const way =
    `The point (${format(point[0])}, ${format(point[1])}) goes through the blocks to (${format(x!)}, ` +
    `${format(y!)}) in the base, and back.`;
  const back =
    error === 0
      ? 'It comes back exactly to where it began.'
      : `It comes back to ${format(error, 2)} from where it began${verdict(error / Math.max(1, Math.hypot(...point)))}.`;
  return `${way} log p = ${fixed(logProb, 3)} nats. ${back}`;
};

/** Returns a comment on a relative round-trip error, as the end of a sentence. */
const verdict = (error: number): string => {
  if (!(error < 1e-2)) return ', which is far: the inverse did not converge';
  return error < 1e-5 ? ', as near as 32-bit numbers allow' : '';
};
