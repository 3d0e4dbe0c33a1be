import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterEach, expect } from 'vitest';
import { partBytes, partName } from './part.mjs';

/** A task in the tests. The task writes one file, whose bytes depend on `part` and `rounds`. */
export interface PartTask {
  readonly folder: string;
  readonly part: number;
  readonly rounds: number;
  /** Time in milliseconds between writing the temporary file and renaming it. */
  readonly waitMs?: number;
}

/** An event that a worker process has written to its standard output. */
export interface Told {
  readonly type: string;
  readonly id?: string;
  readonly message?: string;
  readonly task?: PartTask;
}

/** A worker that runs as a separate process. */
export interface WorkerProcess {
  readonly child: ChildProcess;
  readonly told: readonly Told[];
  /** Resolves with the first event of this type, which the worker may have written before the call. */
  readonly heard: (type: string) => Promise<Told>;
  /** Text that the process has written to its standard error so far. */
  readonly errors: () => string;
}

/** Functions that clean up after a test. The function that was added last is called first. */
const undo: (() => unknown)[] = [];
export const afterwards = (what: () => unknown): void => void undo.push(what);
afterEach(async () => {
  while (undo.length > 0) await undo.pop()!();
});

/** Returns a temporary folder that is deleted after the test. */
export const temporaryFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'impflow-queue-'));
  afterwards(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
};

/** Returns the error of a promise that must fail. */
export const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`It gave ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );

/** Returns a Redis client with which a test reads the contents of a queue. The client is closed after the test. */
export const rawClient = (url: string): Redis => {
  const client = new Redis(url);
  client.on('error', () => undefined);
  afterwards(() => client.disconnect());
  return client;
};

/** Starts a script of this folder as a process. The process is ended after the test. */
export const startScript = (name: string, options: unknown): ChildProcess => {
  const child = spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  afterwards(() => endProcess(child));
  return child;
};

/** Kills a process and waits for its end. */
export const endProcess = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
};

/**
 * Starts a worker process. By default locks last ten minutes, so no lock expires in a test, even if the machine is so
 * busy that the worker renews its locks late.
 */
export const startWorkerProcess = async (options: {
  readonly url: string;
  readonly folder: string;
  readonly lockMs?: number;
  readonly concurrency?: number;
}): Promise<WorkerProcess> => {
  const child = startScript('part-worker.mjs', { lockMs: 600_000, concurrency: 1, ...options });
  const told: Told[] = [];
  const listeners = new Set<() => void>();
  let errors = '';
  child.stderr!.on('data', (text) => (errors += String(text)));
  createInterface({ input: child.stdout! }).on('line', (line) => {
    told.push(JSON.parse(line) as Told);
    for (const listener of listeners) listener();
  });
  const heard = (type: string): Promise<Told> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = told.find((each) => each.type === type);
        if (found === undefined) return;
        listeners.delete(look);
        resolve(found);
      };
      listeners.add(look);
      child.once('exit', (code, signal) => reject(new Error(`The worker ended (${signal ?? code}): ${errors}`)));
      look();
    });
  await heard('ready');
  return { child, told, heard, errors: () => errors };
};

/** Returns the number of tasks that a worker has started and has not ended. */
export const runningIn = ({ told }: WorkerProcess): number =>
  told.filter(({ type }) => type === 'started').length -
  told.filter(({ type }) => ['done', 'failed', 'lost', 'returned'].includes(type)).length;

/** Checks that a folder contains the file of each task, with the right bytes, and no other files of tasks. */
export const expectParts = async (folder: string, tasks: readonly PartTask[]): Promise<void> => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.bin')).sort();
  expect(names).toEqual(tasks.map(({ part }) => partName(part)).sort());
  for (const { part, rounds } of tasks) {
    expect(await readFile(join(folder, partName(part))), `part ${part}`).toEqual(partBytes(part, rounds));
  }
};

/** Returns the numbers in a log file of a folder, in ascending order. */
export const logged = async (folder: string, name: 'starts.log' | 'ends.log'): Promise<readonly number[]> =>
  (await readFile(join(folder, name), 'utf8'))
    .trim()
    .split('\n')
    .map(Number)
    .sort((a, b) => a - b);

/** Returns tasks with the numbers 0 to `count - 1`. */
export const partTasks = (folder: string, count: number, rounds = 20_000): readonly PartTask[] =>
  Array.from({ length: count }, (_, part) => ({ folder, part, rounds }));

/** Returns a generator of random numbers in [0, 1) from a seed (mulberry32). */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};
