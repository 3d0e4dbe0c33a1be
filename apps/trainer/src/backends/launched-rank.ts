/** A process of an MPI job. */
interface LaunchedRank {
  /** Rank: number of the process in the job, from 0. */
  readonly rank: number;
  /** Number of ranks. */
  readonly ranks: number;
}

/**
 * Pairs of environment variables that hold the rank and the number of ranks: for Open MPI, for MPICH and Slurm with
 * PMI, and for Slurm with PMIx.
 */
const VARIABLES = [
  ['OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE'],
  ['PMI_RANK', 'PMI_SIZE'],
  ['PMIX_RANK', 'SLURM_STEP_NUM_TASKS'],
] as const;

/** Returns the MPI rank of this process; undefined if the process was not started by `mpirun` or `srun`. */
export const launchedRank = (
  environment: Readonly<Record<string, string | undefined>> = process.env,
): LaunchedRank | undefined => {
  const found = VARIABLES.map((names) => names.map((name) => Number(environment[name] || NaN))).find((numbers) =>
    numbers.every(Number.isSafeInteger),
  );
  return found === undefined ? undefined : { rank: found[0]!, ranks: found[1]! };
};
