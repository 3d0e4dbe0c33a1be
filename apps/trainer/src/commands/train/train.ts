import type { OnEvent } from 'impflow';
import { joinRanks, serveRank } from '../../backends/ranks.ts';
import { checkTogether } from '../../settings/check-together.ts';
import type { TrainOptions } from '../../settings/settings.ts';
import { trainRun } from './train-run.ts';

/**
 * Trains a model and writes a run folder. Returns the exit code. In an MPI job, rank 0 trains and writes, and the other
 * ranks run workers for rank 0.
 *
 * @param onEvent Receives the events of the training, which the display receives too.
 */
export const train = async (given: TrainOptions, signal: AbortSignal, onEvent?: OnEvent): Promise<number> => {
  const startedAt = performance.now();
  const job = await joinRanks(given);
  if (job !== undefined && 'serve' in job) {
    await serveRank(job, signal);
    return 0;
  }
  checkTogether(given);
  const { workers } = given;
  try {
    const ranked =
      job !== undefined && typeof workers === 'object'
        ? { ...given, workers: { ...workers, ranks: job.ranks } }
        : given;
    return await trainRun(ranked, { signal, startedAt, job, onEvent });
  } finally {
    await job?.close();
  }
};
