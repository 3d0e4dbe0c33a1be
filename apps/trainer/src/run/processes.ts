import { readFileSync } from 'node:fs';

/** A process of this machine. */
export interface ProcessId {
  readonly pid: number;
  /** As of {@link startOf}, where it is known. */
  readonly started?: string | undefined;
}

/** Whether a process runs; one of the same number that started at another time is another. */
export const isAlive = ({ pid, started }: ProcessId): boolean => {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    // Anything else, such as a lack of permission, is said of a process that is there.
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return started === undefined || now === undefined || now === started;
};

/** When a process started, in ticks of the system's clock; `undefined` where the system has no `/proc`. */
export const startOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in parentheses, may hold anything. The start is field 22; after the name comes field 3.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
};
