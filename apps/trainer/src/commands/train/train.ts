import { joinRanks, portsOf, serveRank, type RankZero } from '../../backends/ranks.ts';
import { startWorkers } from '../../backends/workers.ts';
import { pluginSource } from '../../plugins/registries.ts';
import { claimNew, claimExisting } from '../../run-folder/claim.ts';
import { checkTogether } from '../../settings/check-together.ts';
import type { TrainOptions } from '../../settings/settings.ts';
import { note } from '../../terminal/output.ts';
import { newRun } from './new-run.ts';
import { resumedRun } from './resumed-run.ts';
import { trainAndTest } from './train-and-test.ts';

/**
 * Trains a model and writes a run folder. Returns the exit code. In an MPI job rank 0 does this, and the other ranks
 * compute for it.
 */
export const train = async (given: TrainOptions, signal: AbortSignal): Promise<number> => {
  const job = await joinRanks(given);
  if (job === undefined) return trainHere(given, signal);
  if ('serve' in job) {
    await serveRank(job, signal);
    return 0;
  }
  const { workers } = given;
  try {
    return await trainHere(
      typeof workers === 'object' ? { ...given, workers: { ...workers, ranks: job.ranks } } : given,
      signal,
      job,
    );
  } finally {
    await job.close();
  }
};

const trainHere = async (given: TrainOptions, signal: AbortSignal, job?: RankZero): Promise<number> => {
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  checkTogether(given);
  // A run to resume is read under its lock: otherwise another process might still write its last steps.
  let claim = given.resume === true ? await claimExisting(given.out!) : undefined;
  try {
    let run = claim === undefined ? await newRun(given, signal) : await resumedRun(given, claim, signal);
    // A second round makes the second run, if the first needs one. It has the same data: remarks on them are not repeated.
    const told = new Set<string>();
    for (;;) {
      for (const remark of run.plan.remarks) if (!told.has(remark)) note(given, remark);
      for (const remark of run.plan.remarks) told.add(remark);
      const { backend, workers = 1, memory = 'keep' } = run.settings;
      if (job !== undefined && workers < job.ranks)
        note(
          given,
          `The run has ${workers} worker${workers === 1 ? '' : 's'}: ${job.ranks - workers} of ${job.ranks} ranks have none. --workers mpi gives each one.`,
        );
      const parallel = await startWorkers(
        workers,
        { spec: run.plan.spec, memory, backend, plugin: (given.plugin ?? []).map(pluginSource) },
        job === undefined ? undefined : portsOf(job, workers),
      );
      try {
        // Claimed when everything is ready, so that an earlier error leaves no folder behind.
        claim ??= await claimNew({ ...given, name: run.name });
        const end = await trainAndTest({ ...run, paths: claim.paths }, given, { signal, parallel, elapsed });
        if ('exitCode' in end) return end.exitCode;
        run = end.secondRun;
      } finally {
        await parallel?.close();
      }
    }
  } finally {
    claim?.unlock();
  }
};
