import { FlowError } from '@impflow/core';
import type { WorkerPort } from '@impflow/training';
import { startMpi, type Traffic } from './mpi.ts';
import { startRoot } from './root.ts';
import { serveRoot } from './serve.ts';

/** Options of {@link joinMpi}. */
export interface JoinOptions {
  /**
   * Number of ranks that the launcher (`mpirun` or `srun`) has started. An error is thrown if MPI reports another
   * number. Default: not checked.
   */
  readonly ranks?: number;
}

/** Functions of rank 0 of an MPI job, which starts workers on all other ranks and ends the job. */
export interface MpiRoot {
  /** Rank of this process in the MPI job: always 0. */
  readonly rank: 0;
  /** Number of ranks of the MPI job, including rank 0. */
  readonly ranks: number;
  /** Name of the MPI library: `Open MPI` or `MPICH`. */
  readonly library: string;
  /**
   * Starts a worker on the rank `rank`, which is at least 1. The worker is a separate process or a thread. Pass the
   * returned port to the option `port` of `dataParallel`. Error messages about the worker contain the host and the
   * process number of its rank.
   */
  open(rank: number, ownProcess?: boolean): WorkerPort;
  /** Bytes that rank 0 has sent and received so far. */
  traffic(): Traffic;
  /** Ends the job, so that all ranks leave MPI. Call `close` once, after all work. */
  close(): Promise<void>;
}

/** Functions of an MPI rank from 1 on, which runs workers for rank 0. */
export interface MpiServer {
  /** Rank of this process in the MPI job, at least 1. */
  readonly rank: number;
  /** Number of ranks of the MPI job. */
  readonly ranks: number;
  /** Name of the MPI library: `Open MPI` or `MPICH`. */
  readonly library: string;
  /**
   * Runs workers for rank 0 until rank 0 closes the job, and then leaves MPI. `open` starts a worker, for example by
   * `openWorker` of `@impflow/training`. The argument of `open` is true if the worker must be a separate process.
   */
  serve(open: (ownProcess: boolean) => WorkerPort): Promise<void>;
}

/**
 * Joins the MPI job for which `mpirun` or `srun` has started this process. Call `joinMpi` once in a process, on the
 * main thread.
 *
 * @remarks Waits until all ranks have joined, which takes about 0.3 s.
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
 * @throws `unsupported` if no MPI library is installed, or if the number of ranks that MPI reports is not the number in
 * the option `ranks`.
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
