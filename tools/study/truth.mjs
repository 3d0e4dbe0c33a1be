// Scores test rows by the true distribution. No model has a lower expected loss than the true distribution.
import { join } from 'node:path';
import { data } from '../bench/library.mjs';
import { scoresFile, writeNumbers } from './places.mjs';
import { SOURCES } from './sources.mjs';

/**
 * Writes the true log-density of each test row. The data set must have a log-density in closed form.
 *
 * @type {import('./contenders.mjs').Measure}
 */
export const truth = async (job, { folder }) => {
  const { rows, columns } = await data.readFrame(join(folder, 'test.csv'));
  const { logDensity } = SOURCES[job.data];
  if (logDensity === undefined) throw new Error(`[study] ${job.data} has no density in closed form.`);
  writeNumbers(
    scoresFile(job),
    Array.from({ length: rows }, (_, row) => logDensity(Float32Array.from(columns, ({ numbers }) => numbers[row]))),
  );
  return { parameters: 0, seconds: 0, processorSeconds: 0 };
};
