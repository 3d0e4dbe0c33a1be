import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { FlowError } from '@impflow/core';
import { diskWords } from './disk-words.ts';
import { isAlive, startOf } from './processes.ts';

/** Name of the lock file, which identifies the process that writes to the folder. */
export const LOCK = 'lock';

/** Content of the lock file, as JSON. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /**
   * Start time of the process, if the system provides it. A later process may get the same process number, but its
   * start time is different.
   */
  readonly started?: string | undefined;
  /** Random name of the lock. It distinguishes this lock from other locks of the same process. */
  readonly id: string;
}

/**
 * Longest time, in milliseconds, that another process may need from reading the lock of a dead process to removing it.
 */
const SETTLE_MS = 100;
const MOST_TRIES = 50;

/**
 * Checks that no living process has locked a folder.
 *
 * @throws `input` if a living process has locked the folder (the message has its process ID), or if the lock file was
 * not written by ImpFlow.
 */
export const assertUnlocked = async (folder: string): Promise<void> => void (await leftOver(folder));

/**
 * Locks a folder until the returned function is called or the process exits. Takes over the lock of a dead process, and
 * deletes the temporary files of dead processes.
 *
 * @throws `input` if another process holds the lock; the message has its process number.
 */
export const lockFolder = async (folder: string): Promise<() => void> => {
  const path = join(folder, LOCK);
  const own: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid), id: randomUUID() };
  const text = `${JSON.stringify(own)}\n`;
  for (let [tookOver, tries] = [false, 0]; ; tries++) {
    // Every attempt fails if, for example, the lock file is a symbolic link without a target.
    if (tries === MOST_TRIES) throw unusable(path, {});
    const before = await leftOver(folder);
    if (before !== undefined) {
      // The lock is read again, because a living process may have replaced it in the meantime.
      if (read(path) === before) rmSync(path, { force: true });
      tookOver = true;
    }
    if (!created(path, text)) continue;
    if (!tookOver) break;
    // Another process may also have read the lock of the dead process, and then have removed the lock that this process
    // created. After a pause, exactly one lock is left.
    await pause(SETTLE_MS);
    if (read(path) === text) break;
  }
  const unlock = (): void => {
    process.off('exit', unlock);
    try {
      if (read(path) === text) rmSync(path, { force: true });
    } catch {
      // The lock file may be impossible to remove. After the end of this process, it counts as the lock of a dead
      // process.
    }
  };
  process.on('exit', unlock);
  await removeLeftOvers(folder);
  return unlock;
};

/**
 * Returns the text of the lock of a dead process; undefined if the folder has no lock.
 *
 * @throws `input` if a living process holds the lock.
 */
const leftOver = async (folder: string): Promise<string | undefined> => {
  const path = join(folder, LOCK);
  let text = read(path);
  if (text === '') {
    // The lock file is still empty. Its process will write the file soon, or died before it wrote the file.
    await pause(SETTLE_MS);
    text = read(path);
  }
  if (text === undefined || text === '') return text;
  const holder = parsed(text);
  if (holder === undefined)
    throw new FlowError('input', 'jobs/lockFolder', `${path} is not a lock file of this program`, {
      hint: 'Choose another folder, or remove the file.',
    });
  const here = holder.host === hostname();
  // Processes of other machines cannot be checked, so they count as alive.
  if (here && !isAlive(holder)) return text;
  throw new FlowError('input', 'jobs/lockFolder', `${folder} is in use`, {
    expected: 'a folder that no other process writes to',
    got: `process ${holder.pid}${here ? '' : ` on ${holder.host}`}`,
    // If the start time is known, it was compared, so the process with this number wrote the lock. Without a start
    // time, the number may now belong to another program.
    hint:
      here && holder.started !== undefined
        ? `Wait until it ends, stop it with: kill -INT ${holder.pid}, or choose another folder.`
        : `Wait until it ends, or choose another folder. If that process has ended or is another program, remove ${path}.`,
  });
};

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(path, cause);
  }
};

/** Creates the lock file. Returns false if the file exists already. */
const created = (path: string, text: string): boolean => {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw unusable(path, cause);
  }
};

const unusable = (path: string, cause: unknown): FlowError =>
  new FlowError('input', 'jobs/lockFolder', `Cannot lock the folder with the file ${path}`, {
    expected: 'a file that can be read and written',
    got: diskWords(cause),
    cause,
    hint: 'Check the folder, or choose another one.',
  });

const parsed = (text: string): Holder | undefined => {
  try {
    const holder = JSON.parse(text) as Holder | null;
    const { pid, host, started } = (holder ?? {}) as Partial<Record<keyof Holder, unknown>>;
    const whole =
      Number.isInteger(pid) &&
      (pid as number) > 0 &&
      (pid as number) < 2 ** 31 &&
      typeof host === 'string' &&
      (started === undefined || typeof started === 'string');
    return whole ? holder! : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Deletes the temporary files that dead processes have left behind in `writeAtomically`. A file with the number of this
 * process belongs to an earlier process that had the same number.
 */
const removeLeftOvers = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    const [, pid] = /^\..+\.(\d+)\.\d+\.tmp$/.exec(name) ?? [];
    if (pid !== undefined && (Number(pid) === process.pid || !isAlive({ pid: Number(pid) })))
      await rm(join(folder, name), { force: true });
  }
};
