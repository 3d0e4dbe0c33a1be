/** A process of an MPI job. */
interface LaunchedRank {
  /** Rank, from 0. */
  readonly rank: number;
  /** Number of ranks. */
  readonly ranks: number;
}

/** Environment variables of rank and number of ranks: of Open MPI; of MPICH and Slurm with PMI; of Slurm with PMIx. */
const VARIABLES = [
  ['OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE'],
  ['PMI_RANK', 'PMI_SIZE'],
  ['PMIX_RANK', 'SLURM_STEP_NUM_TASKS'],
] as const;

/** The rank that `mpirun` or `srun` has started this process as; undefined if neither has. */
export const launchedRank = (
  environment: Readonly<Record<string, string | undefined>> = process.env,
): LaunchedRank | undefined => {
  const found = VARIABLES.map((names) => names.map((name) => Number(environment[name] || NaN))).find((numbers) =>
    numbers.every(Number.isSafeInteger),
  );
  return found === undefined ? undefined : { rank: found[0]!, ranks: found[1]! };
};
