/** Workers of an MPI job, from the option `--workers mpi` or `--workers mpi:<n>`. */
interface RankWorkers {
  /** Number of workers of each rank. */
  readonly each: number;
  /** Number of ranks, known after the process has joined the job. */
  readonly ranks?: number;
}

/** Value of the option `--workers`. */
export type Workers = number | 'auto' | RankWorkers;
