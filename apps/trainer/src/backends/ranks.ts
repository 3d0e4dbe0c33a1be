import { capabilities, FlowError } from '@impflow/core';
import { openWorker, type WorkerPort } from '@impflow/training';
import type { TrainOptions } from '../settings/settings.ts';
import { launchedRank } from './launched-rank.ts';
import { WORKER } from './workers.ts';

/**
 * Interface of the MPI job for rank 0. This is the part of the interface of `@impflow/mpi` that this module uses. The
 * types are repeated here because the package `@impflow/mpi` may not be installed.
 */
export interface RankZero {
  readonly rank: 0;
  readonly ranks: number;
  open(rank: number, ownProcess: boolean): WorkerPort;
  close(): Promise<void>;
}

/** Interface of the MPI job for every rank except rank 0. */
interface OtherRank {
  readonly rank: number;
  readonly ranks: number;
  serve(open: (ownProcess: boolean) => WorkerPort): Promise<void>;
}

/** The functions of `@impflow/mpi` that are used here. */
export interface MpiModule {
  joinMpi(options: { readonly ranks: number }): Promise<RankZero | OtherRank>;
}

/**
 * Joins the MPI job of a training. Returns undefined if `--workers` has another value than `mpi` or `mpi:<n>`. If
 * `--workers` is missing, a run is resumed on the ranks that `mpirun` has started.
 *
 * @throws `unsupported` without `@impflow/mpi`, without an MPI library, and outside an MPI job.
 */
export const joinRanks = async ({
  workers,
  resume = false,
}: TrainOptions): Promise<RankZero | OtherRank | undefined> => {
  const launched = launchedRank();
  const resumes = resume && workers === undefined && launched !== undefined && launched.ranks > 1;
  if (typeof workers !== 'object' && !resumes) return undefined;
  const { joinMpi } = await loadMpi();
  if (launched === undefined) {
    throw new FlowError('unsupported', 'cli', '--workers mpi works only within an MPI job', {
      expected: 'a process that mpirun or srun started',
      got: 'another process',
      hint: 'Start it with: mpirun -n 4 npx impflow train … --workers mpi. On Debian or Ubuntu, apt-get install openmpi-bin installs mpirun.',
    });
  }
  return joinMpi({ ranks: launched.ranks });
};

const loadMpi = async (): Promise<MpiModule> => {
  // The name is in a variable, so that the compiler does not resolve this optional package.
  const name = '@impflow/mpi';
  try {
    return (await import(name)) as MpiModule;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new FlowError('unsupported', 'cli', `--workers mpi needs ${name}, which is not installed`, {
      hint: `Run npm install ${name}; in the workspace of impflow, npm run setup.`,
      cause,
    });
  }
};

/**
 * Returns a function that opens the connection to a worker on another rank, and returns undefined for a worker on rank
 * 0. The workers are divided among the ranks in order, as evenly as possible.
 */
export const portsOf =
  ({ ranks, open }: RankZero, workers: number) =>
  (index: number): WorkerPort | undefined => {
    const rank = Math.floor((index * ranks) / workers);
    return rank === 0 ? undefined : open(rank, capabilities().ownProcess === true);
  };

/** Seconds for which an interrupted rank keeps running, so that rank 0 can complete its step and save. */
const STAY_SECONDS = 20;

/**
 * Runs the workers of this rank until rank 0 ends the job. An interrupted rank keeps running for {@link STAY_SECONDS}.
 */
export const serveRank = (job: OtherRank, signal: AbortSignal): Promise<void> => {
  // Under Slurm, only this timer ends the process after rank 0 has ended.
  signal.addEventListener('abort', () => {
    setTimeout(() => process.exit(1), 1000 * STAY_SECONDS).unref();
  });
  return job.serve((ownProcess) => openWorker(WORKER, ownProcess));
};
