// The loss on the validation rows over time, as points `[step, seconds, nats]`. Records keep only some of the points.
/** @import { Curve } from './records.mjs' */

const MOST = 40;

/**
 * Returns at most `most` of the points, with the first and the last point.
 *
 * @param {Curve} points
 * @returns {Curve}
 */
export const thinned = (points, most = MOST) => {
  if (points.length <= most) return points;
  return Array.from({ length: most }, (_, i) => points[Math.round((i * (points.length - 1)) / (most - 1))]);
};
