import { spawn, type StdioOptions } from 'node:child_process';
import { hostname } from 'node:os';
import { launchedRank } from '../backends/launched-rank.ts';

/** Environment variable that is set for a process that another process watches. */
const WATCHED = 'IMPFLOW_WATCHED';

/**
 * If this process is a rank of an MPI job that trains, runs the command in a second process and returns its exit code.
 * If a signal kills the second process, for example when memory runs out, this process names the rank and returns 1.
 * Without the second process, `mpirun` would end the job with exit code 137, without advice on what to do next. Returns
 * undefined if this process should run the command.
 *
 * @remarks Loads only modules of Node, so that watching takes very little memory.
 */
export const watchRank = async (args: readonly string[]): Promise<number | undefined> => {
  const launched = launchedRank();
  if (launched === undefined || !joinsRanks(args)) return undefined;
  if (process.env[WATCHED] !== undefined) {
    // The channel closes when the watching process is killed.
    process.on('disconnect', () => process.exit(1));
    process.channel?.unref();
    return undefined;
  }
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
    stdio: streams(),
    env: { ...process.env, [WATCHED]: '1' },
  });
  // The title has no spaces, because Slurm splits the line with the name at spaces, and could not end a process with
  // spaces in its name.
  process.title = `impflow-watches-rank-${launched.rank}`;
  // `mpirun` and `srun` send signals to all processes of a rank: the child handles them.
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
 * The streams of the second process: standard streams, the open file through which MPICH and Slurm communicate with a
 * rank, and a channel to this process.
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

/** Whether a command trains on the ranks of an MPI job, judged by its arguments. */
const joinsRanks = (args: readonly string[]): boolean => {
  const at = args.findIndex((arg) => arg === '--workers' || arg.startsWith('--workers='));
  if (args[0] !== 'train') return false;
  if (at < 0) return args.includes('--resume');
  return /^mpi(?::|$)/.test(args[at]!.split('=')[1] ?? args[at + 1] ?? '');
};
