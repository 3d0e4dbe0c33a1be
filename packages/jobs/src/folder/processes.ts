import { readFileSync } from 'node:fs';

/** A process on this machine. */
export interface ProcessId {
  /** Number of the process. */
  readonly pid: number;
  /** Start time as in {@link startOf}, if known. */
  readonly started?: string | undefined;
}

/**
 * Whether a process runs. A process with the same number and another start time is a different one. A process that has
 * ended, but is still listed because its parent has not read its exit code, does not run.
 */
export const isAlive = ({ pid, started }: ProcessId): boolean => {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    // Other errors, such as a lack of permission, mean that the process exists.
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const fields = fieldsOf(pid);
  if (fields === undefined) return true;
  return fields[STATE] !== 'Z' && (started === undefined || fields[START] === started);
};

/** Returns the start time of a process, in ticks of the system's clock; undefined without `/proc`. */
export const startOf = (pid: number): string | undefined => fieldsOf(pid)?.[START];

/** Indexes in {@link fieldsOf}. */
const [STATE, START] = [0, 19];

/** Fields of `/proc/<pid>/stat` from the state of the process on; undefined without `/proc`. */
const fieldsOf = (pid: number): readonly string[] | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program name, in parentheses, may contain any character. The start time is field 22. Field 3, the state,
    // follows the name.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
};
