import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { key, normals } from '@impflow/core';
import { isAlive } from '@impflow/jobs';
import { joinMpi } from '@impflow/mpi';
import { loadCheckpoint } from '@impflow/training';
import type { TableContents } from 'impflow/run';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { noMpi, noMpich, startMpiJob, type MpiJob } from '../../../../packages/testkit/private/mpi.mjs';
import type { MpiModule } from '../../src/backends/ranks.ts';
import { compiled, csv, fixture, impflow, json, temporary, until, type Outcome } from '../cli/harness.ts';

const program = fileURLToPath(new URL('../../bin/impflow.mjs', import.meta.url));
const folder = temporary();
const at = (...names: readonly string[]): string => join(folder, ...names);
const TINY = ['--data', at('rows.csv'), '--hidden', '8', '--blocks', '1', '--batch', '25', '--quiet'];
const SHORT = [
  ...TINY,
  '--steps',
  '12',
  '--validate-every',
  '4',
  '--ema',
  '0.9',
  '--clip',
  '1',
  '--logdet',
  'roulette',
];
const running: MpiJob[] = [];

/** Starts `train` on the given number of MPI ranks. */
const startRanks = (
  ranks: number,
  args: readonly string[],
  options: Parameters<typeof startMpiJob>[2] = {},
): MpiJob => {
  const job = startMpiJob(ranks, [program, 'train', ...args], options);
  running.push(job);
  return job;
};
const onRanks = (
  ranks: number,
  args: readonly string[],
  options: Parameters<typeof startMpiJob>[2] = {},
): Promise<Outcome> => startRanks(ranks, args, options).exited;
/** Returns the lines that the program printed, without the lines of `mpirun`. */
const own = (stderr: string): readonly string[] => stderr.split('\n').filter((line) => /^\[[\w/]+\] /.test(line));
const metricsOf = (run: string): string =>
  existsSync(at(run, 'metrics.jsonl')) ? readFileSync(at(run, 'metrics.jsonl'), 'utf8') : '';
/** Returns the contents of a checkpoint without the date and the times. */
const contentOf = async (run: string): Promise<object> => {
  const { extra, ...checkpoint } = await loadCheckpoint(at(run, 'checkpoint.safetensors'));
  const { provenance, report, ...others } = extra as TableContents;
  const { time: _time, seconds: _seconds, ...figures } = report!;
  return { ...checkpoint, extra: { ...others, report: figures, provenance: { ...provenance, created: 'then' } } };
};
/**
 * Returns the process id of the process of a rank that computes. The rank has a second process, which only watches the
 * process that computes.
 */
const computing = (job: MpiJob, rank: number): number =>
  job.processes(rank).find(({ environment }) => environment['IMPFLOW_WATCHED'] !== undefined)!.pid;

beforeAll(() => {
  compiled();
  const noise = normals(key(5), 400);
  csv(
    at('rows.csv'),
    'a,b',
    Array.from({ length: 200 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]! ** 2]),
  );
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((job) => job.end()));
});

describe.skipIf(noMpi !== undefined)(`a run on MPI ranks${noMpi === undefined ? '' : `: ${noMpi}`}`, () => {
  it('the package `@impflow/mpi` has the functions that the trainer declares for it', () => {
    const declared: MpiModule['joinMpi'] = joinMpi;
    expect(declared).toBe(joinMpi);
  });

  it.each([
    [1, 'mpi', 1],
    [2, 'mpi', 2],
    [4, 'mpi', 4],
    [2, 'mpi:2', 4],
  ])('a run on %i ranks with `--workers %s` has the bits of a run with %i workers', async (ranks, workers, count) => {
    const [mpi, local] = [`ranks-${ranks}-${workers.replace(':', '-')}`, `workers-${count}`];
    const outcome = await onRanks(ranks, [...SHORT, '--workers', workers, '--out', at(mpi), '--json']);
    expect(outcome.stderr).toBe('');
    expect(json(outcome)['workers']).toBe(count);
    if (!existsSync(at(local)))
      json(await impflow('train', ...SHORT, '--workers', String(count), '--out', at(local), '--json'));
    expect(metricsOf(mpi)).toBe(metricsOf(local));
    expect(await contentOf(mpi)).toEqual(await contentOf(local));
  });

  it.skipIf(noMpich !== undefined)(
    `a run on MPICH has the bits of a run with two workers${noMpich === undefined ? '' : `: ${noMpich}`}`,
    async () => {
      json(await onRanks(2, [...SHORT, '--workers', 'mpi', '--out', at('mpich'), '--json'], { library: 'mpich' }));
      json(await impflow('train', ...SHORT, '--workers', '2', '--out', at('two'), '--json'));
      expect(await contentOf('mpich')).toEqual(await contentOf('two'));
    },
  );

  it.each([1, 0])(
    'a run exits with 1 and a sentence when rank %i is killed, and resumes to the same bits',
    async (rank) => {
      const [torn, whole] = [`torn-${rank}`, 'whole'];
      const options = [...TINY, '--steps', '60', '--validate-every', '3', '--ema', '0.9', '--logdet', 'roulette'];
      const job = startRanks(3, [...options, '--workers', 'mpi', '--out', at(torn)]);
      await until(() => metricsOf(torn).length > 0);
      const pid = computing(job, rank);
      const all = [0, 1, 2].flatMap((one) => job.processes(one).map((process) => process.pid));
      const began = performance.now();
      process.kill(pid, 'SIGKILL');
      const { code, stderr } = await job.exited;
      expect(code).toBe(1);
      expect(performance.now() - began).toBeLessThan(30_000);
      expect(own(stderr)).toEqual([
        expect.stringMatching(
          new RegExp(
            `^\\[cli\\] Rank ${rank} of 3 on \\S+ is gone: expected its process ${pid} to keep running, got signal SIGKILL\\. .*--resume\\.$`,
          ),
        ),
      ]);
      await until(() => all.every((one) => !isAlive({ pid: one })));
      const { step } = await loadCheckpoint(at(torn, 'checkpoint.safetensors'));
      expect(step).toBeLessThan(60);
      // Without --workers, the run resumes with its stored number of workers.
      json(await onRanks(3, ['--resume', '--out', at(torn), '--quiet', '--json']));
      if (!existsSync(at(whole)))
        json(await impflow('train', ...options, '--workers', '3', '--out', at(whole), '--json'));
      expect(metricsOf(torn)).toBe(metricsOf(whole));
      expect(await contentOf(torn)).toEqual(await contentOf(whole));
    },
  );

  it('a run ends with the exit code of mpirun when the watching process of a rank is killed', async () => {
    const job = startRanks(2, [
      ...TINY,
      '--steps',
      '100000',
      '--patience',
      '100000',
      '--workers',
      'mpi',
      '--out',
      at('unwatched'),
    ]);
    await until(() => metricsOf('unwatched').length > 0);
    const all = [0, 1].flatMap((one) => job.processes(one).map((process) => process.pid));
    const watcher = job.processes(1).find(({ environment }) => environment['IMPFLOW_WATCHED'] === undefined)!;
    process.kill(watcher.pid, 'SIGKILL');
    const { code, stderr } = await job.exited;
    expect([code, stderr]).toEqual([137, expect.stringContaining('process rank 1')]);
    await until(() => all.every((one) => !isAlive({ pid: one })));
  });

  it('a run is saved when mpirun is interrupted, and resumes on another number of workers', async () => {
    const options = [...TINY.filter((option) => option !== '--quiet'), '--steps', '100000', '--patience', '100000'];
    const job = startRanks(2, [...options, '--workers', 'mpi', '--out', at('stopped')]);
    await until(() => metricsOf('stopped').length > 0);
    job.signal('SIGTERM');
    const { stderr } = await job.exited;
    const [, step] = /Interrupted after step (\d+); saved to/.exec(stderr)!;
    expect((await loadCheckpoint(at('stopped', 'checkpoint.safetensors'))).step).toBe(Number(step));
    const steps = String(Number(step) + 2);
    const { code, stderr: said } = await onRanks(2, [
      '--resume',
      '--out',
      at('stopped'),
      '--steps',
      steps,
      '--workers',
      'mpi:2',
    ]);
    expect([code, said]).toEqual([
      0,
      expect.stringContaining('The run had 2 workers. With 4 the last digits of the results differ.'),
    ]);
  });

  it('a run of one worker resumes with one worker on two ranks, and prints a remark', async () => {
    json(await impflow('train', ...SHORT, '--workers', '1', '--out', at('one'), '--json'));
    const { code, stderr } = await onRanks(2, ['--resume', '--out', at('one'), '--steps', '14']);
    expect([code, stderr]).toEqual([0, expect.stringContaining('The run has 1 worker: 1 of 2 ranks have no worker.')]);
  });

  it('the error of a worker that dies names the rank of the worker', async () => {
    const mortal = ['--plugin', fixture('mortal.mjs'), '--activation', 'mortal'];
    const { code, stderr } = await onRanks(
      2,
      [...TINY, ...mortal, '--steps', '50', '--workers', 'mpi', '--out', at('dead')],
      { env: { MORTAL: '40' } },
    );
    expect(code).toBe(1);
    expect(own(stderr)).toEqual([
      expect.stringMatching(
        /^\[training\/dataParallel\] Worker 2 of 2 \(rank 1 on \S+, process \d+\) is gone: expected an answer, got exit code 9\. .*--resume/,
      ),
    ]);
  });

  it('an error of a worker on another rank names the rank, and keeps its error code', async () => {
    const plugin = ['--plugin', fixture('here-only.mjs'), '--activation', 'mortal'];
    const { code, stderr } = await onRanks(2, [
      ...TINY,
      ...plugin,
      '--steps',
      '5',
      '--workers',
      'mpi',
      '--out',
      at('absent'),
    ]);
    expect(code).toBe(2);
    expect(own(stderr)).toEqual([
      expect.stringMatching(
        /Worker 2 of 2 \(rank 1 on .*\) failed: \[cli\] Cannot load the plugin .*not on this machine/,
      ),
    ]);
    expect(existsSync(at('absent'))).toBe(false);
  });

  it.each([
    [2, [...TINY, '--batch', '1', '--workers', 'mpi'], 'at most 1 (--batch), got 1 on each of 2 ranks'],
    [2, [...TINY, '--workers', 'mpi:200'], 'Too many workers: expected at most 256, got 400'],
    [2, ['--data', 'none.csv', '--workers', 'mpi'], 'none.csv'],
  ])('a run on %i ranks prints one error for wrong options: %j', async (ranks, options, message) => {
    const { code, stderr } = await onRanks(ranks, [...options, '--out', at('refused')]);
    expect(code).toBe(2);
    expect(own(stderr)).toEqual([expect.stringContaining(message)]);
    expect(existsSync(at('refused'))).toBe(false);
  });
});

describe('`--workers mpi`', () => {
  it('`train --workers mpi` outside an MPI job prints how to start an MPI job', async () => {
    const { code, stderr } = await impflow('train', ...TINY, '--workers', 'mpi', '--out', at('alone'));
    expect(code).toBe(2);
    expect(stderr).toBe(
      '[cli] --workers mpi works only within an MPI job: expected a process that mpirun or srun started, got another process. ' +
        'Start it with: mpirun -n 4 npx impflow train … --workers mpi. On Debian or Ubuntu, apt-get install openmpi-bin installs mpirun.\n',
    );
  });

  it('`train --workers mpi` without the package `@impflow/mpi` prints what to install', async () => {
    // The folder contains the compiled program with all of its packages except `@impflow/mpi`.
    const [app, own] = [at('app'), fileURLToPath(new URL('../../', import.meta.url))];
    for (const part of ['bin', 'dist', 'package.json']) cpSync(join(own, part), join(app, part), { recursive: true });
    mkdirSync(join(app, 'node_modules/@impflow'), { recursive: true });
    for (const name of readdirSync(join(own, 'node_modules'))) {
      const scoped =
        name === '@impflow' ? readdirSync(join(own, 'node_modules', name)).map((part) => `${name}/${part}`) : [name];
      for (const one of scoped.filter((path) => path !== '@impflow/mpi'))
        symlinkSync(join(own, 'node_modules', one), join(app, 'node_modules', one));
    }
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(app, 'bin/impflow.mjs'), 'train', ...TINY, '--workers', 'mpi', '--out', at('none')],
      { encoding: 'utf8' },
    );
    expect(status).toBe(2);
    expect(stderr).toBe(
      '[cli] --workers mpi needs @impflow/mpi, which is not installed. Run npm install @impflow/mpi; in the workspace of impflow, npm run setup.\n',
    );
  });

  it.each(['mpi:0', 'mpi:', 'mpi:two', 'mpi:1:1', 'mpirun'])('`train` refuses `--workers %s`', async (value) => {
    const { code, stderr } = await impflow('train', ...TINY, '--workers', value, '--out', at('wrong'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('expected a whole number from 1 to 256')]);
  });
});
