// The loss on the validation rows over time: `[step, seconds, nats]`, thinned for the records.
import { readFileSync } from 'node:fs';

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

/**
 * The curve of an `impflow train` run from its metrics file, assuming that all steps take equally long.
 *
 * @param {string} metrics
 * @param {number} secondsPerStep
 */
export const curveOfRun = (metrics, secondsPerStep) =>
  thinned(
    readFileSync(metrics, 'utf8')
      .trimEnd()
      .split('\n')
      .flatMap((line) => {
        const { step, validation } = JSON.parse(line);
        return validation === undefined
          ? []
          : [[step, Number((step * secondsPerStep).toPrecision(4)), Number(validation.nats.toPrecision(6))]];
      }),
  );
