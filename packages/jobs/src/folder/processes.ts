import { readFileSync } from 'node:fs';

/** A process on this machine. */
export interface ProcessId {
  /** Process id. */
  readonly pid: number;
  /** Start time as {@link startOf} returns it, if known. */
  readonly started?: string | undefined;
}

/**
 * Whether a process runs. A process with the same id and another start time is a different process. The system lists an
 * ended process until its parent has read its exit code. Such a process counts as ended.
 */
export const isAlive = ({ pid, started }: ProcessId): boolean => {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    // Any error except `ESRCH` (no such process), such as a lack of permission, means that the process exists.
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const fields = fieldsOf(pid);
  if (fields === undefined) return true;
  return fields[STATE] !== 'Z' && (started === undefined || fields[START] === started);
};

/** Returns the start time of a process, in ticks of the system's clock; undefined on a system without `/proc`. */
export const startOf = (pid: number): string | undefined => fieldsOf(pid)?.[START];

/** Indexes in the result of {@link fieldsOf}. */
const [STATE, START] = [0, 19];

/**
 * Returns the fields of `/proc/<pid>/stat`, beginning with the state of the process; undefined on a system without
 * `/proc`.
 */
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
