// How the loss on the validation rows falls: `[step, seconds, nats]`, few enough to keep in a record.
import { readFileSync } from 'node:fs';

const MOST = 40;

/** At most `most` of them, the first and the last among these. */
export const thinned = (points, most = MOST) => {
  if (points.length <= most) return points;
  return Array.from({ length: most }, (_, i) => points[Math.round((i * (points.length - 1)) / (most - 1))]);
};

/** The curve of an `impflow train` run from its metrics file. Its steps take equally long. */
export const curveOfRun = (metrics, secondsPerStep) => thinned(readFileSync(metrics, 'utf8').trimEnd().split('\n').flatMap((line) => {
  const { step, validation } = JSON.parse(line);
  return validation === undefined ? [] : [[step, Number((step * secondsPerStep).toPrecision(4)), Number(validation.nats.toPrecision(6))]];
}));
