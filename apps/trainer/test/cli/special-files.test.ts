import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { key, normals } from '@impflow/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csv, temporary, within, type Outcome } from './harness.ts';

// Files that are no ordinary files: devices, pipes, sockets, folders, broken links, files of no size or of a huge size,
// and files that change while they are read. Each command that opens files gets them, as a table and as a checkpoint.

const folder = temporary();
const at = (name: string): string => join(folder, name);
const [GIB, LIMIT_BYTES, LIMIT_MS] = [2 ** 30, 2 * 2 ** 30, 30_000];
const EXTENSIONS = ['.csv', '.jsonl', '.csv.gz', '.npy', '.parquet', '.safetensors'] as const;
const sockets: Server[] = [];
let table = '';

/** Functions that put a special file at a path. */
const KINDS: Readonly<Record<string, (path: string) => void>> = {
  'a link to /dev/zero': (path) => symlinkSync('/dev/zero', path),
  'a link to /dev/urandom': (path) => symlinkSync('/dev/urandom', path),
  'a link to /dev/null': (path) => symlinkSync('/dev/null', path),
  'a link to /dev/full': (path) => symlinkSync('/dev/full', path),
  'a pipe': (path) => void execFileSync('mkfifo', [path]),
  'a link to a pipe': (path) => {
    execFileSync('mkfifo', [`${path}-pipe`]);
    symlinkSync(`${path}-pipe`, path);
  },
  'a socket': (path) => void sockets.push(createServer().listen(path)),
  'a folder': (path) => void mkdirSync(path),
  'a link to a folder of devices': (path) => {
    mkdirSync(`${path}-devices`);
    symlinkSync('/dev/zero', join(`${path}-devices`, 'part.csv'));
    symlinkSync('/dev/zero', join(`${path}-devices`, 'checkpoint.safetensors'));
    symlinkSync(`${path}-devices`, path);
  },
  'a link to nothing': (path) => symlinkSync(at('nothing'), path),
  'a link to itself': (path) => symlinkSync(path, path),
  'a chain of fifty links': (path) => {
    for (let i = 0; i < 50; i++) symlinkSync(i === 49 ? table : `${path}-${i + 1}`, i === 0 ? path : `${path}-${i}`);
  },
  'a file below a file': () => {},
  'an empty file': (path) => writeFileSync(path, ''),
  'one byte': (path) => writeFileSync(path, '\n'),
  'a sparse file of 1 GiB': (path) => sparse(path, GIB),
  'a sparse file of 1.9 GiB': (path) => sparse(path, 1.9 * GIB),
  'a sparse file of 1 TiB': (path) => sparse(path, 1024 * GIB),
  'a table and 1 TiB of zeros': (path) => {
    writeFileSync(path, readFileSync(table));
    truncateSync(path, 1024 * GIB);
  },
  'the memory of this process': (path) => symlinkSync('/proc/self/mem', path),
  'a file of /proc without a size': (path) => symlinkSync('/proc/self/environ', path),
  'a file that nobody may read': (path) => {
    writeFileSync(path, 'x');
    chmodSync(path, 0);
  },
  'a packed file of zeros': (path) => writeFileSync(path, gzipSync(Buffer.alloc(2 ** 26))),
};

const sparse = (path: string, size: number): void => {
  closeSync(openSync(path, 'w'));
  truncateSync(path, Math.floor(size));
};

const TABLE_COMMANDS: readonly ((path: string) => readonly string[])[] = [
  (path) => ['train', '--data', path, '--steps', '1', '--out', at('new')],
  (path) => ['score', at('run'), path],
  (path) => ['impute', at('run'), path],
  (path) => ['evaluate', at('run'), '--data', path],
  (path) => ['sample', at('given'), '--given', path],
  (path) => ['score', at('run'), path, '--workers', '1', '--out', at('parts')],
];
const CHECKPOINT_COMMANDS: readonly ((path: string) => readonly string[])[] = [
  (path) => ['inspect', path],
  (path) => ['score', path, table],
  (path) => ['evaluate', path],
  (path) => ['sample', path],
  (path) => ['impute', path, table],
];

const pathOf = (kind: string, extension: string): string =>
  kind === 'a file below a file' ? join(table, `file${extension}`) : at(`${kind.replaceAll(/[ /]/g, '-')}${extension}`);

/** The special files, each with two of the commands that open such files. */
const cases = Object.keys(KINDS).flatMap((kind, i) =>
  EXTENSIONS.map((extension, j) => {
    const commands = extension === '.safetensors' ? CHECKPOINT_COMMANDS : TABLE_COMMANDS;
    return { kind, extension, commands: [0, 1].map((k) => commands[(i + 2 * j + 3 * k) % commands.length]!) };
  }),
);

beforeAll(async () => {
  const noise = normals(key(1), 120);
  const rows = Array.from({ length: 60 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]!]);
  table = csv(at('good.csv'), 'height,weight', rows);
  const size = ['--steps', '2', '--batch', '20', '--hidden', '8', '--blocks', '1', '--workers', '1', '--quiet'];
  for (const args of [
    ['--out', at('run')],
    ['--out', at('given'), '--given', 'height'],
  ]) {
    const { code, stderr } = await within('train', '--data', table, ...size, ...args);
    if (code !== 0) throw new Error(stderr);
  }
}, 60_000);
afterAll(() => {
  for (const server of sockets) server.close();
});

/** Runs a command. Checks its time, its memory and its error message. */
const outcome = async (args: readonly string[]): Promise<Outcome> => {
  const before = process.resourceUsage().maxRSS * 1024;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`more than ${LIMIT_MS} ms: ${args.join(' ')}`)), LIMIT_MS);
  });
  const found = await Promise.race([within(...args, '--quiet'), late]).finally(() => clearTimeout(timer));
  expect(process.resourceUsage().maxRSS * 1024, args.join(' ')).toBeLessThan(Math.max(before + 1, LIMIT_BYTES));
  expect(found.stderr, args.join(' ')).not.toMatch(/\n\s+at /);
  return found;
};

describe('special files', () => {
  it('there are at least 100 special files', () => {
    expect(cases.length).toBeGreaterThanOrEqual(100);
  });

  it.each(Object.keys(KINDS))(
    '%s as a table or a checkpoint ends with an error for a person, in bounded time and memory',
    async (wanted) => {
      for (const { kind, extension, commands } of cases) {
        if (kind !== wanted) continue;
        const path = pathOf(kind, extension);
        KINDS[kind]!(path);
        for (const command of commands) {
          const args = command(path);
          const { code, stderr } = await outcome(args);
          expect({ code, stderr }, args.join(' ')).toEqual({
            code: 2,
            stderr: expect.stringMatching(/^\[[\w-]+(\/[\w-]+)?\] [^\n]+\.\n$/),
          });
        }
      }
    },
  );

  it.each(['.csv', '.jsonl'])(
    'a %s file to which another program writes is read as it was, or refused',
    async (extension) => {
      const line = extension === '.csv' ? '0.5,1.5\n' : '{"height":0.5,"weight":1.5}\n';
      for (const change of [
        (path: string) => `require('node:fs').appendFileSync(${JSON.stringify(path)}, ${JSON.stringify(line)})`,
        (path: string) => `require('node:fs').truncateSync(${JSON.stringify(path)}, size -= ${line.length})`,
      ]) {
        const path = at(`changing${extension}`);
        writeFileSync(path, extension === '.csv' ? 'height,weight\n' : '');
        const file = openSync(path, 'a');
        writeSync(file, line.repeat(5000));
        closeSync(file);
        appendFileSync(path, line);
        const writer = new Worker(
          `let size = ${readFileSync(path).length}; setInterval(() => { if (size > 1000) ${change(path)} }, 0)`,
          { eval: true },
        );
        try {
          for (const command of TABLE_COMMANDS.slice(1, 3)) {
            const { code, stderr } = await outcome(command(path));
            expect(code === 0 ? 'read' : stderr).toMatch(/^read$|^\[[\w-]+(\/[\w-]+)?\] [^\n]+\.\n$/);
          }
        } finally {
          await writer.terminate();
        }
      }
    },
    60_000,
  );
});
