import { readFileSync } from 'node:fs';

/** A process on this machine. */
export interface ProcessId {
  readonly pid: number;
  /** Start time as in {@link startOf}, if known. */
  readonly started?: string | undefined;
}

/** Whether a process runs. A process with the same number and another start time is a different one. */
export const isAlive = ({ pid, started }: ProcessId): boolean => {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    // Other errors, such as a lack of permission, mean that the process exists.
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return started === undefined || now === undefined || now === started;
};

/** Start time of a process, in ticks of the system's clock; undefined without `/proc`. */
export const startOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program name, in parentheses, may contain any character. The start time is field 22. Field 3 follows the
    // name.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
};
