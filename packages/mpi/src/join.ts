import { FlowError } from '@impflow/core';
import type { WorkerPort } from '@impflow/training';
import { startMpi, type Traffic } from './mpi.ts';
import { startRoot } from './root.ts';
import { serveRoot } from './serve.ts';

/** Options of {@link joinMpi}. */
export interface JoinOptions {
  /** Number of ranks that the starter of this process reports. MPI must report the same number. Default: unknown. */
  readonly ranks?: number;
}

/** The ranks of an MPI job, seen from rank 0. */
export interface MpiRoot {
  /** Rank of this process: 0. */
  readonly rank: 0;
  /** Number of ranks, including this rank. */
  readonly ranks: number;
  /** Kind of the MPI library: `Open MPI` or `MPICH`. */
  readonly library: string;
  /**
   * Starts a worker on the rank `rank`, from 1, as a separate process or as a thread. The port is for the option `port`
   * of `dataParallel`. Error messages about the worker name the host and the process of the rank.
   */
  open(rank: number, ownProcess?: boolean): WorkerPort;
  /** Bytes that rank 0 has sent and received so far. */
  traffic(): Traffic;
  /** Tells the other ranks to leave, and leaves MPI. Call it once, at the end. */
  close(): Promise<void>;
}

/** An MPI job, seen from a rank other than 0. */
export interface MpiServer {
  /** Rank of this process, from 1. */
  readonly rank: number;
  /** Number of ranks. */
  readonly ranks: number;
  /** Kind of the MPI library: `Open MPI` or `MPICH`. */
  readonly library: string;
  /**
   * Runs workers for rank 0 until it closes the job, then leaves MPI. `open` starts a worker, for example by
   * `openWorker` of `@impflow/training`. The argument of `open` is whether the worker must be a separate process.
   */
  serve(open: (ownProcess: boolean) => WorkerPort): Promise<void>;
}

/**
 * Joins the MPI job for which `mpirun` or `srun` has started this process. Call it once in a process, on the main
 * thread.
 *
 * @remarks Takes about 0.3 s, and waits for all ranks.
 * @example
 * ```js no-run="runs under mpirun"
 * const job = await joinMpi();
 * if (job.rank > 0) await job.serve((ownProcess) => openWorker(module, ownProcess));
 * else {
 *   const parallel = await dataParallel({ workers: job.ranks, module, data, port: (index) => job.open(index) });
 *   await fitToEnd({ model, loss, batch, optimizer: adam(), learningRate: 1e-3, steps: 1000, key: key(1), parallel });
 *   await parallel.close();
 *   await job.close();
 * }
 * ```
 * @throws `unsupported` without an MPI library, or if MPI finds another number of ranks than `ranks`.
 */
export const joinMpi = async ({ ranks: expected }: JoinOptions = {}): Promise<MpiRoot | MpiServer> => {
  const mpi = await startMpi();
  const { rank, ranks, library } = mpi;
  if (expected !== undefined && ranks !== expected) {
    mpi.finish();
    throw new FlowError('unsupported', 'mpi/joinMpi', `${library} found a wrong number of ranks`, {
      expected: String(expected),
      got: String(ranks),
      hint: `Start the program with the mpirun of ${library}; under Slurm, with srun --mpi=pmix or --mpi=pmi2, depending on how the library was built.`,
    });
  }
  if (rank > 0) {
    return Object.freeze<MpiServer>({ rank, ranks, library, serve: (open) => serveRoot(mpi, open) });
  }
  const root = await startRoot(mpi);
  return Object.freeze<MpiRoot>({
    rank: 0,
    ranks,
    library,
    open: (other, ownProcess = false) => root.open(other, ownProcess),
    traffic: () => mpi.traffic(),
    close: root.end,
  });
};
