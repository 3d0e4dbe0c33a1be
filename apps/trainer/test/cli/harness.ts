import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { main } from '../../src/index.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const program = join(root, 'apps/trainer/bin/impflow.mjs');

/** Returns a path in `test/fixtures`. */
export const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** Compiles the program if necessary, because the tests of this folder run the compiled program. */
export const compiled = (): void => {
  if (!existsSync(join(root, 'apps/trainer/dist/index.js')))
    execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], { cwd: root });
};

/** Makes a temporary folder, which is deleted after the tests of the file. */
export const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** The text that the program has written to standard error so far. */
  said(): string;
  readonly exited: Promise<Outcome>;
}

/** Starts the compiled program in a separate process. */
export const start = (...args: readonly string[]): Running => startIn(process.cwd(), ...args);

/** Runs the compiled program in the working directory `folder`. */
export const startIn = (folder: string, ...args: readonly string[]): Running => {
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  return {
    pid: child.pid!,
    kill: (signal) => void child.kill(signal),
    said: () => stderr,
    exited: new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr }))),
  };
};

export const impflow = (...args: readonly string[]): Promise<Outcome> => start(...args).exited;

/** Runs the program from source in this process, which is faster than a separate process for calls that end early. */
export const within = async (...args: readonly string[]): Promise<Outcome> => {
  const heard = { stdout: '', stderr: '' };
  const streams = ['stdout', 'stderr'] as const;
  const own = streams.map((name) => process[name].write);
  for (const name of streams)
    process[name].write = ((text: string) => {
      heard[name] += text;
      return true;
    }) as typeof process.stdout.write;
  try {
    return { code: await main(args), ...heard };
  } finally {
    streams.forEach((name, i) => {
      process[name].write = own[i]!;
    });
  }
};

/** Returns the JSON that a command printed as the only line of standard output. */
export const json = <T = Record<string, unknown>>({ code, stdout, stderr }: Outcome): T => {
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  const lines = stdout.trimEnd().split('\n');
  if (lines.length !== 1) throw new Error(`${lines.length} lines on standard output`);
  return JSON.parse(lines[0]!) as T;
};

/** Returns every file below a folder with a hash of its bytes, and every sub-folder. */
export const tree = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true })
      .map(String)
      .sort()
      .map((name) => {
        const path = join(folder, name);
        return [
          name,
          statSync(path).isDirectory() ? 'folder' : createHash('sha256').update(readFileSync(path)).digest('hex'),
        ];
      }),
  );

export const until = async (holds: () => boolean, timeoutMs = 30_000): Promise<void> => {
  for (const began = Date.now(); !holds(); await pause(5))
    if (Date.now() - began > timeoutMs) throw new Error('waited in vain');
};

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

export const csv = (path: string, head: string, rows: readonly (readonly (string | number)[])[]): string => {
  writeFileSync(path, `${[head, ...rows.map((row) => row.join(','))].join('\n')}\n`);
  return path;
};
