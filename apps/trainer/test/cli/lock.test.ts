import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { key, normals } from '@impflow/core';
import { isAlive, lockFolder, startOf } from '@impflow/jobs';
import { beforeAll, describe, expect, it } from 'vitest';
import { claimNew, type Claim } from '../../src/run-folder/claim.ts';
import { compiled, csv, fixture, impflow, json, start, startIn, temporary, tree, until, within } from './harness.ts';

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
  '--quiet',
];
const linesOf = (run: string): readonly string[] =>
  readFileSync(join(at(run), 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
const begun = (run: string): Promise<void> =>
  until(() => existsSync(join(at(run), 'metrics.jsonl')) && linesOf(run).length > 3);
/** Returns the id of a process that has ended. */
const deadPid = async (): Promise<number> => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid!;
};
const lockOf = (holder: object): string => JSON.stringify({ host: hostname(), id: 'x', ...holder });

beforeAll(() => {
  compiled();
  const noise = normals(key(5), 400);
  csv(
    at('rows.csv'),
    'a,b',
    Array.from({ length: 200 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]!]),
  );
});

describe('a run folder that a process writes to', () => {
  it('while a process writes to a run folder, every other command that would write to this folder is refused', async () => {
    const running = start('train', ...TINY, '--steps', '100000', '--patience', '100000', '--out', at('busy'));
    await begun('busy');
    for (const args of [
      ['train', ...TINY, '--steps', '4'],
      ['train', ...TINY, '--steps', '4', '--force'],
      ['train', '--resume', '--steps', '200000'],
      [
        'import',
        fixture('../../../../packages/flows/test/parity/fixtures/toy_sin.safetensors'),
        '--activation',
        'sin',
        '--coeff',
        '0.99',
        '--force',
      ],
    ]) {
      const { code, stderr } = await within(...args, '--out', at('busy'));
      expect(stderr).toContain(
        `${at('busy')} is in use: expected a folder that no other process writes to, got process ${running.pid}.`,
      );
      expect(stderr).toContain(`kill -INT ${running.pid}`);
      expect(code).toBe(2);
    }
    running.kill('SIGTERM');
    expect((await running.exited).code).toBe(130);
    expect(Object.keys(tree(at('busy')))).toEqual(['checkpoint.safetensors', 'config.json', 'metrics.jsonl']);
    // The metrics file has exactly one line per step.
    const steps = linesOf('busy').map((line) => (JSON.parse(line) as { readonly step: number }).step);
    expect(steps).toEqual(Array.from({ length: steps.length }, (_, i) => i + 1));
    const length = steps.length + 5;
    json(await within('train', '--resume', '--out', at('busy'), '--steps', String(length), '--quiet', '--json'));
    expect(linesOf('busy')).toHaveLength(length);
  }, 60_000);

  it('a new command takes over the run folder of a killed process, and deletes its temporary files', async () => {
    const running = start('train', ...TINY, '--steps', '100000', '--patience', '100000', '--out', at('killed'));
    await begun('killed');
    running.kill('SIGKILL');
    await running.exited;
    expect(existsSync(at('killed/lock'))).toBe(true);
    writeFileSync(at(`killed/.checkpoint.safetensors.${running.pid}.7.tmp`), 'half');
    writeFileSync(at(`killed/.config.json.${process.ppid}.7.tmp`), 'of a living process');
    const { step } = JSON.parse(linesOf('killed').at(-1)!) as { readonly step: number };
    const length = step + 20;
    json(await within('train', '--resume', '--out', at('killed'), '--steps', String(length), '--quiet', '--json'));
    expect(linesOf('killed')).toHaveLength(length);
    const left = Object.keys(tree(at('killed')));
    expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([`.config.json.${process.ppid}.7.tmp`]);
    expect(left).not.toContain('lock');
  }, 60_000);

  it('three commands without `--out` that start at the same time use three different run folders', async () => {
    mkdirSync(at('home'));
    const runs = await Promise.all(
      Array.from(
        { length: 3 },
        async () =>
          json<{ readonly run: string }>(
            await startIn(at('home'), 'train', '--data', 'moons', ...TINY.slice(2), '--steps', '2', '--json').exited,
          ).run,
      ),
    );
    expect(runs.sort()).toEqual(['runs/moons-1', 'runs/moons-2', 'runs/moons-3']);
  }, 60_000);

  it('a hundred runs that start at the same moment use a hundred different run folders', async () => {
    mkdirSync(at('many'));
    const home = process.cwd();
    process.chdir(at('many'));
    try {
      // Each run starts a fraction of a millisecond after the previous run, so that some runs look for a name while
      // other runs create their folder.
      const claims: Promise<Claim>[] = [];
      for (let i = 0; i < 100; i++) {
        claims.push(claimNew({ name: 'rows' }));
        await new Promise(setImmediate);
      }
      const claimed = await Promise.all(claims);
      expect(new Set(claimed.map(({ paths }) => paths.folder)).size).toBe(100);
      for (const { unlock } of claimed) unlock();
    } finally {
      process.chdir(home);
    }
  }, 60_000);
});

describe('a lock', () => {
  it('exactly one of several processes takes over the lock of a dead process', async () => {
    for (let round = 0; round < 5; round++) {
      const place = at(`wanted-${round}`);
      mkdirSync(place);
      writeFileSync(join(place, 'lock'), lockOf({ pid: await deadPid() }));
      const claims = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(place)));
      const held = claims.flatMap((claim) => (claim.status === 'fulfilled' ? [claim.value] : []));
      expect(held).toHaveLength(1);
      held[0]!();
      expect(existsSync(join(place, 'lock'))).toBe(false);
    }
  });

  it.each([
    ['of an ended process whose id now belongs to another process', () => lockOf({ pid: process.pid, started: '1' })],
    ['whose file is empty', () => ''],
  ])('a lock %s is taken over', async (_what, text) => {
    const place = at(`over-${text().length}`);
    mkdirSync(place);
    writeFileSync(join(place, 'lock'), text());
    const unlock = await lockFolder(place);
    expect(readFileSync(join(place, 'lock'), 'utf8')).toContain(`"pid":${process.pid}`);
    unlock();
    expect(existsSync(join(place, 'lock'))).toBe(false);
  });

  it.each([
    [
      'of another machine',
      () => lockOf({ pid: 7, host: 'elsewhere' }),
      /got process 7 on elsewhere.*that process has ended or is another program, remove .*lock/,
    ],
    ['whose file another program wrote', () => 'dear diary', /lock is not a lock file of this program/],
  ])('`lockFolder` throws an error and keeps a lock %s', async (_what, text, said) => {
    const place = at(`stays-${text().length}`);
    mkdirSync(place);
    writeFileSync(join(place, 'lock'), text());
    await expect(lockFolder(place)).rejects.toThrow(said);
    expect(readFileSync(join(place, 'lock'), 'utf8')).toBe(text());
    const { code, stderr } = await within('train', ...TINY, '--steps', '2', '--out', place);
    expect([code, stderr]).toEqual([2, expect.stringMatching(said)]);
  });

  it('`lockFolder` throws an error if the lock file cannot be created', async () => {
    mkdirSync(at('link'));
    symlinkSync(at('link/nowhere'), at('link/lock'));
    await expect(lockFolder(at('link'))).rejects.toThrow(/Cannot lock the folder/);
  });

  it('`isAlive` recognizes living and dead processes of this machine', async () => {
    expect(isAlive({ pid: process.pid, started: startOf(process.pid) })).toBe(true);
    expect(isAlive({ pid: await deadPid() })).toBe(false);
  });

  it('the lock of a killed run without a checkpoint does not block a new run', async () => {
    mkdirSync(at('early'));
    writeFileSync(at('early/lock'), lockOf({ pid: await deadPid() }));
    const { code } = await impflow('train', ...TINY, '--steps', '2', '--out', at('early'));
    expect(code).toBe(0);
  });
});
