import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { FlowError } from '@impflow/core';
import { diskWords } from './disk-words.ts';
import { isAlive, startOf } from './processes.ts';

/** The file that says which process writes to a run folder. */
export const LOCK = 'lock';

/** What the file holds, as JSON. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, where the system tells: a later process may have the same number. */
  readonly started?: string | undefined;
  /** Tells two locks of one process apart. */
  readonly id: string;
}

/** As long as another process may take from finding a dead lock to removing it, at the very most. */
const SETTLE_MS = 100;
const MOST_TRIES = 50;

/** @throws `input` for a folder that a living process has locked, naming it; and for a file of that name that is none of this program. */
export const assertUnlocked = async (folder: string): Promise<void> => void (await leftOver(folder));

/**
 * Locks a folder until the function that it returns is called, or the process exits. The lock of a dead process is taken over, and what its saves left behind is removed.
 *
 * @throws `input` where another process has it, naming that one.
 */
export const lockFolder = async (folder: string): Promise<() => void> => {
  const path = join(folder, LOCK);
  const own: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid), id: randomUUID() };
  const text = `${JSON.stringify(own)}\n`;
  for (let [tookOver, tries] = [false, 0]; ; tries++) {
    // Such as a link of that name to nowhere.
    if (tries === MOST_TRIES) throw unusable(path, {});
    const before = await leftOver(folder);
    if (before !== undefined) {
      // Looked at once more, since it may be gone for the lock of a living process by now.
      if (read(path) === before) rmSync(path, { force: true });
      tookOver = true;
    }
    if (!created(path, text)) continue;
    if (!tookOver) break;
    // Another process that found the same dead lock may have removed this one in its place. One of them stays.
    await pause(SETTLE_MS);
    if (read(path) === text) break;
  }
  const unlock = (): void => {
    process.off('exit', unlock);
    try {
      if (read(path) === text) rmSync(path, { force: true });
    } catch {
      // Then it is the lock of a dead process.
    }
  };
  process.on('exit', unlock);
  await removeLeftOvers(folder);
  return unlock;
};

/** The text of a lock whose process is dead; `undefined` where there is no lock. */
const leftOver = async (folder: string): Promise<string | undefined> => {
  const path = join(folder, LOCK);
  let text = read(path);
  if (text === '') {
    // Just created, and about to be written; else its process died in between.
    await pause(SETTLE_MS);
    text = read(path);
  }
  if (text === undefined || text === '') return text;
  const holder = parsed(text);
  if (holder === undefined) throw new FlowError('input', 'cli', `${path} is no lock of this program`, { hint: 'Choose another --out, or remove it.' });
  const here = holder.host === hostname();
  // What lives elsewhere cannot be seen from here.
  if (here && !isAlive(holder)) return text;
  throw new FlowError('input', 'cli', `${folder} is in use`, {
    expected: 'a run folder that no other process writes to', got: `process ${holder.pid}${here ? '' : ` on ${holder.host}`}`,
    // A process whose start is known is the one that wrote the lock; else its number may be that of another program by now.
    hint: here && holder.started !== undefined ? `Wait until it ends, stop it with: kill -INT ${holder.pid}, or choose another --out.` : `Wait until it ends, or choose another --out. If that process is none of this program, or is no more, remove ${path}.`,
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

/** Whether the file could be created: not where there is one. */
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
  new FlowError('input', 'cli', `Cannot lock the run folder by ${path}`, { expected: 'a file to read and write', got: diskWords(cause), cause, hint: 'Check the folder, or choose another --out.' });

const parsed = (text: string): Holder | undefined => {
  try {
    const holder = JSON.parse(text) as Holder | null;
    const { pid, host, started } = (holder ?? {}) as Partial<Record<keyof Holder, unknown>>;
    const whole = Number.isInteger(pid) && (pid as number) > 0 && (pid as number) < 2 ** 31 && typeof host === 'string' && (started === undefined || typeof started === 'string');
    return whole ? holder! : undefined;
  } catch {
    return undefined;
  }
};

/** Temporary files of `writeAtomically` whose process is dead; one with the number of this process is of an earlier one. */
const removeLeftOvers = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    const [, pid] = /^\..+\.(\d+)\.\d+\.tmp$/.exec(name) ?? [];
    if (pid !== undefined && (Number(pid) === process.pid || !isAlive({ pid: Number(pid) }))) await rm(join(folder, name), { force: true });
  }
};
