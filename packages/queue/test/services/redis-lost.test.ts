import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { noRedis, startRedis } from '../../../testkit/private/redis.mjs';
import { queueRunner, startWorker, type ConnectionEvent, type QueueWorker, type WorkerEvent } from '../../src/index.ts';
import {
  afterwards,
  expectParts,
  logged,
  partTasks,
  randomFrom,
  rawClient,
  startScript,
  startWorkerProcess,
  temporaryFolder,
  type PartTask,
} from './harness.ts';

describe.skipIf(noRedis !== undefined)(`loss of the Redis server${noRedis === undefined ? '' : `: ${noRedis}`}`, () => {
  test('all tasks finish if the Redis server is killed and restarted from its append-only file', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const folder = await temporaryFolder();
    const tasks = partTasks(folder, 16);
    const events: ConnectionEvent[] = [];
    const runner = await queueRunner<PartTask, { part: number }>({
      url: redis.url,
      onEvent: (event) => void events.push(event),
    });
    afterwards(runner.close);
    const workers = await Promise.all([1, 2].map(() => startWorkerProcess({ url: redis.url, folder, lockMs: 3_000 })));
    const results = Promise.all(tasks.map((task) => runner.run(task)));
    await Promise.all(workers.map(({ heard }) => heard('done')));
    await redis.kill();
    await pause(1_000);
    await redis.restart();
    // A task that is submitted during the reconnection must also finish.
    const late = { folder, part: 16, rounds: 1_000 };
    expect((await runner.run(late)).part).toBe(16);
    expect((await results).map(({ part }) => part)).toEqual(tasks.map(({ part }) => part));
    await expectParts(folder, [...tasks, late]);
    expect(events).toEqual([{ type: 'disconnected' }, { type: 'connected' }]);
    for (const { told, errors } of workers) {
      expect(told.map(({ type }) => type).filter((type) => /connected/.test(type))).toEqual([
        'disconnected',
        'connected',
      ]);
      expect(told.filter(({ type }) => type === 'warning')).toEqual([]);
      expect(errors()).toBe('');
    }
  });

  test('running tasks run again if Redis cannot be reached for longer than the duration of a lock', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const folder = await temporaryFolder();
    const tasks = partTasks(folder, 3, 150_000);
    const runner = await queueRunner<PartTask, { part: number }>({ url: redis.url });
    afterwards(runner.close);
    const worker = await startWorkerProcess({ url: redis.url, folder, lockMs: 1_000, concurrency: 2 });
    const results = Promise.all(tasks.map((task) => runner.run(task)));
    await worker.heard('started');
    await redis.kill();
    await pause(3_000);
    await redis.restart();
    expect((await results).map(({ part }) => part)).toEqual(tasks.map(({ part }) => part));
    await expectParts(folder, tasks);
    expect(worker.errors()).toBe('');
  });

  test('tasks that are lost because Redis is emptied are submitted again', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const folder = await temporaryFolder();
    const tasks = partTasks(folder, 10);
    const runner = await queueRunner<PartTask, { part: number }>({ url: redis.url });
    afterwards(runner.close);
    const worker = await startWorkerProcess({ url: redis.url, folder, lockMs: 2_000 });
    const results = Promise.all(tasks.map((task) => runner.run(task)));
    await worker.heard('done');
    const client = rawClient(redis.url);
    await client.flushall();
    await redis.restart();
    expect((await results).map(({ part }) => part)).toEqual(tasks.map(({ part }) => part));
    await expectParts(folder, tasks);
  });

  test('no task fails or is lost if connections to Redis break repeatedly', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const random = randomFrom(3);
    const runner = await queueRunner<{ n: number }, { n: number }>({ url: redis.url });
    afterwards(runner.close);
    const events: WorkerEvent[] = [];
    const start = (): Promise<QueueWorker> =>
      startWorker<{ n: number }, { n: number }>({
        url: redis.url,
        concurrency: 3,
        lockMs: 1_000,
        handler: async ({ n }, { signal }) => {
          await pause(100, undefined, { signal });
          return { n };
        },
        onEvent: (event) => void events.push(event),
      });
    for (const worker of await Promise.all([start(), start()])) afterwards(worker.close);
    const client = rawClient(redis.url);
    const results: Promise<{ n: number }>[] = [];
    for (let breaks = 0; breaks < 12; breaks++) {
      for (let i = 0; i < 15; i++) results.push(runner.run({ n: results.length }));
      await pause(500 * random());
      const way = random();
      if (way < 0.5) await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      else if (way < 0.8) {
        // Redis is suspended for longer than the duration of a lock.
        redis.signal('SIGSTOP');
        await pause(1_500);
        redis.signal('SIGCONT');
      } else await redis.restart();
    }
    expect((await Promise.all(results)).map(({ n }) => n)).toEqual(results.map((_, n) => n));
    expect(events.filter(({ type }) => type === 'failed' || type === 'warning')).toEqual([]);
  });

  test('the result of a finished task is found even if Redis has lost the event that reports its end', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const folder = await temporaryFolder();
    const tasks = partTasks(folder, 8, 1_000);
    const submitter = startScript('submitter.mjs', { url: redis.url, tasks });
    await once(submitter.stdout!, 'data');
    const client = rawClient(redis.url);
    await expect.poll(() => client.llen('bull:impflow:wait'), { timeout: 20_000 }).toBe(tasks.length);
    submitter.kill('SIGSTOP');
    await startWorkerProcess({ url: redis.url, folder });
    await expect.poll(() => client.zcard('bull:impflow:completed'), { timeout: 30_000 }).toBe(tasks.length);
    await client.del('bull:impflow:events');
    await redis.restart();
    const printed = once(submitter.stdout!, 'data');
    submitter.kill('SIGCONT');
    const results = JSON.parse(String((await printed)[0])) as readonly { readonly part: number }[];
    expect(results.map(({ part }) => part)).toEqual(tasks.map(({ part }) => part));
    expect(await logged(folder, 'starts.log')).toEqual(tasks.map(({ part }) => part));
  });
});
