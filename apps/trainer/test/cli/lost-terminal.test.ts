import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { key, normals } from '@impflow/core';
import { loadCheckpoint } from '@impflow/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiled, csv, fixture, start, temporary, until } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const TINY = [
  '--data',
  at('rows.csv'),
  '--hidden',
  '8',
  '--blocks',
  '1',
  '--batch',
  '20',
  '--validate-every',
  '5',
  '--workers',
  '1',
];
const linesOf = (run: string): readonly string[] =>
  readFileSync(join(at(run), 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');

/** Runs the program as the first command of a pipe, and returns the exit code of the program. */
const piped = (args: readonly string[], into: string): Promise<number | null> =>
  new Promise((resolve) => {
    const child = spawn(
      'bash',
      [
        '-c',
        `"$@" ${into}; exit \${PIPESTATUS[0]}`,
        'bash',
        process.execPath,
        fixture('../../bin/impflow.mjs'),
        ...args,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    child.on('close', resolve);
  });

beforeAll(() => {
  compiled();
  const noise = normals(key(5), 400);
  csv(
    at('rows.csv'),
    'a,b',
    Array.from({ length: 200 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]!]),
  );
});

describe('training', () => {
  it.each([
    ['a reader that closes after one line', '2>&1 | head -1'],
    ['a full device', '2>/dev/full | cat'],
  ])('a training ends normally and is saved if standard error is connected to %s', async (what, into) => {
    const run = `to ${what}`;
    expect(await piped(['train', ...TINY, '--steps', '60', '--out', at(run)], into)).toBe(0);
    expect(linesOf(run)).toHaveLength(60);
    expect((await loadCheckpoint(join(at(run), 'checkpoint.safetensors'))).step).toBe(60);
    expect(existsSync(join(at(run), 'density.png'))).toBe(true);
    expect(existsSync(join(at(run), 'lock'))).toBe(false);
  });

  it('a training is saved when the terminal closes, even if the signal repeats', async () => {
    const running = start(
      'train',
      ...TINY,
      '--steps',
      '100000',
      '--patience',
      '100000',
      '--out',
      at('closed'),
      '--json',
    );
    await until(() => existsSync(join(at('closed'), 'metrics.jsonl')) && linesOf('closed').length > 3);
    running.kill('SIGHUP');
    running.kill('SIGHUP');
    const { code, stdout } = await running.exited;
    const { steps, interrupted } = JSON.parse(stdout) as { readonly steps: number; readonly interrupted: boolean };
    expect([code, interrupted]).toEqual([130, true]);
    expect(linesOf('closed')).toHaveLength(steps);
    expect((await loadCheckpoint(join(at('closed'), 'checkpoint.safetensors'))).step).toBe(steps);
    expect(existsSync(join(at('closed'), 'lock'))).toBe(false);
  });
});

it('a command exits with an error if its result cannot be written to standard output', async () => {
  expect(await piped(['data', 'list'], '>/dev/full 2>/dev/null')).toBe(1);
});
