import { readdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fold, key, uniforms } from '@impflow/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noRedis, startRedis, type RedisServer } from '../../../../packages/testkit/private/redis.mjs';
import {
  compiled,
  impflow,
  json,
  pause,
  start,
  startIn,
  temporary,
  tree,
  until,
  within,
  type Running,
} from '../cli/harness.ts';

const folder = temporary();
const at = (...names: readonly string[]): string => join(folder, ...names);
/** Number of rows in a part, and number of parts. The computation of a part takes some tenths of a second. */
const PART = '1000';
const PARTS = 60;
/** Seconds after which a worker counts as lost if it does not renew the lock of its task. */
const LOCK = '2';
const LONG = 120_000;

const partsIn = (name: string): number =>
  existsSync(at(name)) ? readdirSync(at(name)).filter((file) => file.startsWith('part-')).length : 0;

let redis: RedisServer;
const running = new Set<Running>();

const kept = (process: Running): Running => {
  running.add(process);
  void process.exited.then(() => running.delete(process));
  return process;
};
const worker = async (...options: readonly string[]): Promise<Running> => {
  const process = kept(startIn(folder, 'worker', '--queue', redis.url, '--lock', LOCK, ...options));
  await until(() => process.said().includes('Taking tasks'));
  return process;
};
const score = (out: string, ...options: readonly string[]): Running =>
  kept(start('score', at('run'), at('rows.parquet'), '--part-rows', PART, '--out', at(out), '--quiet', ...options));
const throughQueue = (out: string): Running => score(out, '--queue', redis.url);
const ended = async (process: Running): Promise<void> => {
  const { code, stderr } = await process.exited;
  expect(stderr).toBe('');
  expect(code).toBe(0);
};

describe.skipIf(noRedis !== undefined)(
  `score and sample through a queue${noRedis === undefined ? '' : `: ${noRedis}`}`,
  () => {
    beforeAll(async () => {
      compiled();
      json(
        await within(
          'train',
          '--data',
          'earthquakes',
          '--steps',
          '20',
          '--batch',
          '100',
          '--hidden',
          '64,64',
          '--blocks',
          '3',
          '--workers',
          '1',
          '--quiet',
          '--json',
          '--out',
          at('run'),
        ),
      );
      await impflow('sample', at('run'), '-n', String(PARTS * Number(PART)), '--out', at('rows.parquet'), '--quiet');
      await ended(score('undisturbed'));
    }, LONG);

    beforeEach(async () => {
      redis = await startRedis();
    });
    afterEach(async () => {
      for (const process of running) process.kill('SIGKILL');
      await Promise.all([...running].map(({ exited }) => exited));
      await redis.stop();
    });
    afterAll(() => {
      for (const process of running) process.kill('SIGKILL');
    });

    it('`score` without a queue wrote a complete folder, with which the other tests compare', () => {
      expect(partsIn('undisturbed')).toBe(PARTS);
    });

    it('`score` through a queue completes although 20 workers are killed', async () => {
      const workers = [await worker(), await worker()];
      const job = throughQueue('killed');
      const draws = uniforms(fold(key(20), 0), 20);
      for (const [kill, draw] of draws.entries()) {
        await until(() => partsIn('killed') >= 2 * kill + 1, LONG);
        const victim = Math.floor(2 * draw);
        workers[victim]!.kill('SIGKILL');
        await workers[victim]!.exited;
        workers[victim] = await worker();
      }
      await ended(job);
      expect(tree(at('killed'))).toEqual(tree(at('undisturbed')));
    }, 300_000);

    it(
      '`score` through a queue is correct although a worker pauses for longer than its lock lasts',
      async () => {
        const [zombie, job] = [await worker(), throughQueue('zombie')];
        await until(() => partsIn('zombie') >= 2, LONG);
        zombie.kill('SIGSTOP');
        const other = await worker();
        await pause(3 * 1000 * Number(LOCK));
        zombie.kill('SIGCONT');
        await ended(job);
        expect(tree(at('zombie'))).toEqual(tree(at('undisturbed')));
        expect(other.said() + zombie.said()).toMatch(/is in the queue again|was given to another worker/);
      },
      LONG,
    );

    it(
      '`score` through a queue continues after Redis was killed and started again',
      async () => {
        const job = throughQueue('redis');
        await worker();
        await worker();
        await until(() => partsIn('redis') >= 10, LONG);
        await redis.kill();
        await pause(1000);
        await redis.restart();
        await ended(job);
        expect(tree(at('redis'))).toEqual(tree(at('undisturbed')));
      },
      LONG,
    );

    it(
      '`score` through a queue continues after its command was killed and run again',
      async () => {
        const job = throughQueue('submitter');
        await worker();
        await until(() => partsIn('submitter') >= 10, LONG);
        job.kill('SIGKILL');
        await job.exited;
        expect(existsSync(at('submitter', 'manifest.json'))).toBe(false);
        await ended(throughQueue('submitter'));
        expect(tree(at('submitter'))).toEqual(tree(at('undisturbed')));
      },
      LONG,
    );

    it(
      'each task runs exactly once when workers are stopped',
      async () => {
        const job = throughQueue('stopped');
        const [first, second] = [await worker('--json'), await worker('--json')];
        await until(() => partsIn('stopped') >= 10, LONG);
        first.kill('SIGTERM');
        const { code, stdout } = await first.exited;
        expect(code).toBe(0);
        await ended(job);
        second.kill('SIGTERM');
        const tasks = [stdout, (await second.exited).stdout].map(
          (line) => (JSON.parse(line) as { tasks: number }).tasks,
        );
        expect(tasks[0]! + tasks[1]!).toBe(PARTS);
        expect(tree(at('stopped'))).toEqual(tree(at('undisturbed')));
      },
      LONG,
    );

    it(
      'a stopped worker gives tasks that do not end in time back to the queue',
      async () => {
        const job = throughQueue('returned');
        const first = await worker('--grace', '0.001', '--concurrency', '2');
        await until(() => partsIn('returned') >= 5, LONG);
        first.kill('SIGTERM');
        expect((await first.exited).code).toBe(0);
        await worker();
        await ended(job);
        expect(tree(at('returned'))).toEqual(tree(at('undisturbed')));
      },
      LONG,
    );

    it(
      '`sample` through a queue writes the same files as without a queue',
      async () => {
        await worker('--concurrency', '2');
        for (const options of [['--queue', redis.url], []])
          json(
            await impflow(
              'sample',
              at('run'),
              '-n',
              '20000',
              '--part-rows',
              '4096',
              '--out',
              at(`samples-${options.length}`),
              '--quiet',
              '--json',
              ...options,
            ),
          );
        expect(tree(at('samples-2'))).toEqual(tree(at('samples-0')));
      },
      LONG,
    );

    it(
      'a worker with other roots leaves the tasks to a worker that may run them',
      async () => {
        const [other, job] = [await worker('--root', temporary()), throughQueue('roots')];
        await until(() => other.said().includes('is left to other workers'), LONG);
        await worker();
        await ended(job);
        expect(tree(at('roots'))).toEqual(tree(at('undisturbed')));
      },
      LONG,
    );

    it(
      'if no worker may use the folders of a job, the error names the workers and their roots',
      async () => {
        const elsewhere = [temporary(), temporary()];
        for (const root of elsewhere) await worker('--root', root);
        const { code, stderr } = await throughQueue('outside').exited;
        expect(code).toBe(2);
        expect(stderr).toContain('No connected worker runs the task');
        for (const root of elsewhere) expect(stderr).toContain(`a location within ${root}`);
        expect(partsIn('outside')).toBe(0);
      },
      LONG,
    );

    it(
      'a table without the columns of the model ends the job with an error that names a column',
      async () => {
        await worker();
        const other = await impflow(
          'score',
          at('run'),
          at('undisturbed', 'part-00000.parquet'),
          '--out',
          at('wrong'),
          '--queue',
          redis.url,
        );
        expect(other.code).toBe(2);
        expect(other.stderr).toContain('longitude');
      },
      LONG,
    );
  },
);

describe('without Redis', () => {
  it('without Redis, a command that needs a queue prints one line', async () => {
    const { code, stderr } = await impflow('worker', '--queue', 'redis://:secret@127.0.0.1:1');
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/No Redis at redis:\/\/127.0.0.1:1: .*refused/);
    expect(stderr).not.toContain('secret');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
