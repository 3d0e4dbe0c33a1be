/** Workers of an MPI job. */
interface RankWorkers {
  /** Workers of each rank. */
  readonly each: number;
  /** Number of ranks, once the job is joined. */
  readonly ranks?: number;
}

/** Value of `--workers`. */
export type Workers = number | 'auto' | RankWorkers;
