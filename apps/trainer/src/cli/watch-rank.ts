import { spawn, type StdioOptions } from 'node:child_process';
import { hostname } from 'node:os';
import { launchedRank } from '../backends/launched-rank.ts';

/** Environment variable that is set for a process that another process watches. */
const WATCHED = 'IMPFLOW_WATCHED';

/**
 * Watches a rank of an MPI training: runs the command in a second process and returns its exit code. If a signal kills
 * the second process, for example when memory runs out, this process prints the number of the rank and returns 1.
 * Without the second process, `mpirun` would end the job with exit code 137 and print no advice. Returns undefined if
 * this process itself should run the command, for example outside an MPI job.
 *
 * @remarks Loads only modules of Node, so that the watching process needs very little memory.
 */
export const watchRank = async (args: readonly string[]): Promise<number | undefined> => {
  const launched = launchedRank();
  if (launched === undefined || !joinsRanks(args)) return undefined;
  if (process.env[WATCHED] !== undefined) {
    // The channel to the watching process closes when the watching process is killed. This process, which is watched,
    // then ends too.
    process.on('disconnect', () => process.exit(1));
    process.channel?.unref();
    return undefined;
  }
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
    stdio: streams(),
    env: { ...process.env, [WATCHED]: '1' },
  });
  // The title of the process has no spaces. Slurm splits the line with the title at spaces, and could not end a process
  // whose title has spaces.
  process.title = `impflow-watches-rank-${launched.rank}`;
  // `mpirun` and `srun` send signals to all processes of a rank, so the child process handles them.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (signal === null) return resolve(code!);
      const { rank, ranks } = launched;
      process.stderr.write(
        `[cli] Rank ${rank} of ${ranks} on ${hostname()} is gone: expected its process ${child.pid} to keep running, got signal ${signal}. ` +
          'The job ends, and its last checkpoint stays: continue with --resume.\n',
      );
      return resolve(1);
    });
  });
};

/**
 * The streams that the second process gets: the standard streams, the open file through which MPICH and Slurm
 * communicate with a rank, and a channel to this process.
 */
const streams = (): StdioOptions => {
  const { PMI_FD: file } = process.env;
  const inherited: (number | 'ignore')[] = [0, 1, 2];
  if (file !== undefined) {
    while (inherited.length < Number(file)) inherited.push('ignore');
    inherited[Number(file)] = Number(file);
  }
  return [...inherited, 'ipc'];
};

/** Whether the arguments of a command request a training on the ranks of an MPI job. */
const joinsRanks = (args: readonly string[]): boolean => {
  const at = args.findIndex((arg) => arg === '--workers' || arg.startsWith('--workers='));
  if (args[0] !== 'train') return false;
  if (at < 0) return args.includes('--resume');
  return /^mpi(?::|$)/.test(args[at]!.split('=')[1] ?? args[at + 1] ?? '');
};
