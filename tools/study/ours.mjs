// Measures a flow of ImpFlow: trains it by `fit` for a number of seconds, then scores the test rows.
import { join } from 'node:path';
import { mean } from '../bench/statistics.mjs';
import { thinned } from './curve.mjs';
import { fitted } from './fitted.mjs';
import { readNumbers, scoresFile } from './places.mjs';

/** @import { Job, Spent } from './records.mjs' */

/**
 * Returns a function that measures `fit` on a job. `options` are used in addition to the rows, the seed, the seconds
 * and one thread.
 *
 * @param {object} options
 * @returns {(job: Job, rows: { folder: string }) => Promise<Spent & { parameters: number; unconverged: number }>}
 */
export const ours =
  (options) =>
  async (job, { folder }) => {
    const [train, validation, test] = ['train', 'validation', 'test'].map((part) => join(folder, `${part}.csv`));
    const scores = scoresFile(job);
    const result = await fitted({
      train,
      fresh: test,
      scores,
      options: { ...options, workers: 1, validation, test, seconds: job.budget, seed: job.seed },
    });
    // The files of the study already contain noise. If training added noise to values that repeat by chance, the nats
    // of `fit` would differ from the nats of `score`.
    const scored = -mean(readNumbers(scores));
    if (Math.abs(result.nats - scored) > 1e-3 * (1 + Math.abs(scored)))
      throw new Error(`fit and score saw other test rows: expected the same nats, got ${result.nats} and ${scored}.`);
    const { steps, bestStep, won, time, stepSeconds, rowsPerSecond } = result;
    return {
      parameters: result.parameters,
      seconds: result.seconds,
      processorSeconds: result.processorSeconds,
      scoringProcessorSeconds: result.scoringProcessorSeconds,
      unconverged: result.unconverged,
      curve: thinned(result.curve),
      details: { options, steps, bestStep, won, time, stepSeconds, rowsPerSecond },
    };
  };
