// The loss on the validation rows over time: `[step, seconds, nats]`, thinned for the records.
/** @import { Curve } from './records.mjs' */

const MOST = 40;

/**
 * At most `most` points, the first and the last included.
 *
 * @param {Curve} points
 * @returns {Curve}
 */
export const thinned = (points, most = MOST) => {
  if (points.length <= most) return points;
  return Array.from({ length: most }, (_, i) => points[Math.round((i * (points.length - 1)) / (most - 1))]);
};
