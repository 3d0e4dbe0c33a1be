import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { noRedis, startRedis } from '../../../testkit/private/redis.mjs';
import { queueRunner, startWorker } from '../../src/index.ts';
import {
  afterwards,
  errorOf,
  expectParts,
  logged,
  partTasks,
  startWorkerProcess,
  temporaryFolder,
  type PartTask,
} from './harness.ts';

describe.skipIf(noRedis !== undefined)(`stopping a worker${noRedis === undefined ? '' : `: ${noRedis}`}`, () => {
  test('a worker that receives SIGTERM finishes its tasks, and no task is lost or runs twice', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const folder = await temporaryFolder();
    const tasks = partTasks(folder, 16);
    const runner = await queueRunner<PartTask, { part: number }>({ url: redis.url });
    afterwards(runner.close);
    const start = () => startWorkerProcess({ url: redis.url, folder, concurrency: 2 });
    const [first] = await Promise.all([start(), start()]);
    const results = Promise.all(tasks.map((task) => runner.run(task)));
    await first!.heard('done');
    const ended = once(first!.child, 'exit');
    first!.child.kill('SIGTERM');
    await first!.heard('closed');
    expect(await ended).toEqual([0, null]);
    expect((await results).map(({ part }) => part)).toEqual(tasks.map(({ part }) => part));
    await expectParts(folder, tasks);
    expect(await logged(folder, 'starts.log')).toEqual(tasks.map(({ part }) => part));
    expect(await logged(folder, 'ends.log')).toEqual(tasks.map(({ part }) => part));
    expect(first!.told.filter(({ type }) => type === 'started').length).toBe(
      first!.told.filter(({ type }) => type === 'done').length,
    );
    expect(first!.errors()).toBe('');
  });

  test('a worker that receives a second signal puts its tasks back into the queue, and the next worker runs them immediately', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const folder = await temporaryFolder();
    const long = { folder, part: 0, rounds: 500_000 };
    const runner = await queueRunner<PartTask, { part: number; worker: number }>({ url: redis.url });
    afterwards(runner.close);
    // The lock lasts ten minutes, so the test fails if the second worker has to wait until the lock expires.
    const first = await startWorkerProcess({ url: redis.url, folder });
    const result = runner.run(long);
    const next = runner.run({ folder, part: 1, rounds: 1_000 });
    await first.heard('started');
    const ended = once(first.child, 'exit');
    first.child.kill('SIGTERM');
    await pause(100);
    first.child.kill('SIGUSR2');
    await first.heard('returned');
    expect(await ended).toEqual([0, null]);
    expect(await runner.counts()).toEqual({ waiting: 2, active: 0, workers: 0 });
    const second = await startWorkerProcess({ url: redis.url, folder });
    expect((await result).worker).toBe(second.child.pid);
    expect((await next).part).toBe(1);
    // The task that was put back must be the first of the queue.
    expect(second.told.filter(({ type }) => type === 'started').map(({ task }) => task!.part)).toEqual([0, 1]);
    expect(await logged(folder, 'ends.log')).toEqual([0, 1]);
  });

  test('`close({ giveBack: true })` puts a task back into the queue even if its handler ignores the abort signal', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const runner = await queueRunner<{ n: number }, string>({ url: redis.url });
    afterwards(runner.close);
    const deaf = await startWorker<{ n: number }, string>({ url: redis.url, handler: () => new Promise(() => {}) });
    const result = runner.run({ n: 1 });
    await expect.poll(() => deaf.active).toBe(1);
    await deaf.close({ giveBack: true });
    const worker = await startWorker<{ n: number }, string>({ url: redis.url, handler: async () => 'done' });
    afterwards(worker.close);
    expect(await result).toBe('done');
  });

  test('workers and runners close within seconds if Redis cannot be reached', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const runner = await queueRunner<{ n: number }, string>({ url: redis.url });
    const idle = await startWorker<{ n: number }, string>({ url: redis.url, queue: 'other', handler: async () => '' });
    const busy = await startWorker<{ n: number }, string>({
      url: redis.url,
      handler: (_task, { signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    const error = errorOf(runner.run({ n: 1 }));
    await expect.poll(() => busy.active).toBe(1);
    await redis.kill();
    const limit = AbortSignal.timeout(40_000);
    await Promise.all([runner.close(), idle.close(), busy.close({ giveBack: true })]);
    expect(await error).toMatchObject({ code: 'worker' });
    expect(limit.aborted).toBe(false);
  });
});
