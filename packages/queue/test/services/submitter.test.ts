import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { noRedis, startRedis } from '../../../testkit/private/redis.mjs';
import { queueRunner, startWorker } from '../../src/index.ts';
import {
  afterwards,
  endProcess,
  errorOf,
  expectParts,
  logged,
  partTasks,
  rawClient,
  startScript,
  startWorkerProcess,
  temporaryFolder,
  type PartTask,
} from './harness.ts';

describe.skipIf(noRedis !== undefined)(`submitting programs${noRedis === undefined ? '' : `: ${noRedis}`}`, () => {
  test('no task is computed twice if the submitting program is killed and started again', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const folder = await temporaryFolder();
    const tasks = partTasks(folder, 16);
    const worker = await startWorkerProcess({ url: redis.url, folder, concurrency: 2 });
    const first = startScript('submitter.mjs', { url: redis.url, tasks });
    await worker.heard('done');
    await endProcess(first);
    const second = startScript('submitter.mjs', { url: redis.url, tasks });
    let printed = '';
    second.stdout!.on('data', (text) => (printed += String(text)));
    const [code] = await once(second, 'exit');
    expect(code).toBe(0);
    const results = JSON.parse(printed.split('\n')[1]!) as readonly { readonly part: number }[];
    expect(results.map(({ part }) => part)).toEqual(tasks.map(({ part }) => part));
    await expectParts(folder, tasks);
    expect(await logged(folder, 'starts.log')).toEqual(tasks.map(({ part }) => part));
  });

  test('several equal tasks are computed only once, even if their keys are in different orders', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const folder = await temporaryFolder();
    const [one, two] = await Promise.all([1, 2].map(() => queueRunner<PartTask, { part: number }>({ url: redis.url })));
    afterwards(one!.close);
    afterwards(two!.close);
    const task = { folder, part: 0, rounds: 10_000 };
    const same = { rounds: 10_000, part: 0, folder };
    const results = Promise.all([one!.run(task), one!.run(same), two!.run(same)]);
    await startWorkerProcess({ url: redis.url, folder });
    const [first, ...others] = await results;
    expect(others).toEqual([first, first]);
    // The stored result is returned, because it is less than a day old.
    expect(await two!.run(task)).toEqual(first);
    expect(await logged(folder, 'starts.log')).toEqual([0]);
  });

  test('10,000 tasks are removed from the queue when their calls are aborted', { timeout: 120_000 }, async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const runner = await queueRunner<{ n: number }, never>({ url: redis.url });
    afterwards(runner.close);
    const stop = new AbortController();
    const before = process.memoryUsage().heapUsed;
    const runs = Array.from({ length: 10_000 }, (_, n) => runner.run({ n }, { signal: stop.signal }));
    await expect.poll(async () => (await runner.counts()).waiting, { timeout: 60_000, interval: 500 }).toBe(10_000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100e6);
    const client = rawClient(redis.url);
    expect(await client.xlen('bull:impflow:events')).toBeLessThan(11_000);
    stop.abort(new Error('enough'));
    for (const run of await Promise.allSettled(runs)) {
      expect(run).toEqual({ status: 'rejected', reason: new Error('enough') });
    }
    await expect.poll(async () => (await runner.counts()).waiting, { timeout: 60_000, interval: 500 }).toBe(0);
  });

  test('an aborted task is removed from the queue, even if its submission is still running', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const runner = await queueRunner<{ n: number }, { n: number }>({ url: redis.url });
    afterwards(runner.close);
    const stopped = [0, 1, 2, 3].map((n) => {
      const stop = new AbortController();
      const error = errorOf(runner.run({ n }, { signal: stop.signal }));
      setTimeout(() => stop.abort(new Error('enough')), 2 * n);
      return error;
    });
    const kept = runner.run({ n: 9 });
    expect(await Promise.all(stopped)).toEqual(stopped.map(() => new Error('enough')));
    await expect(runner.run({ n: 5 }, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
    const ran: number[] = [];
    const worker = await startWorker<{ n: number }, { n: number }>({
      url: redis.url,
      handler: async ({ n }) => {
        ran.push(n);
        return { n };
      },
    });
    afterwards(worker.close);
    expect(await kept).toEqual({ n: 9 });
    expect(await runner.counts()).toEqual({ waiting: 0, active: 0, workers: 1 });
    expect(ran).toEqual([9]);
  });

  test('a task that two programs have submitted stays in the queue if one program closes its runner', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const [one, two] = await Promise.all([1, 2].map(() => queueRunner<{ n: number }, string>({ url: redis.url })));
    afterwards(two!.close);
    const gone = errorOf(one!.run({ n: 1 }));
    const kept = two!.run({ n: 1 });
    await expect.poll(async () => (await two!.counts()).waiting).toBe(1);
    await one!.close();
    expect(await gone).toMatchObject({ code: 'worker' });
    const worker = await startWorker<{ n: number }, string>({ url: redis.url, handler: async () => 'done' });
    afterwards(worker.close);
    expect(await kept).toBe('done');
  });

  test('a closed runner rejects its pending calls and removes their tasks', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const runner = await queueRunner<{ n: number }, never>({ url: redis.url });
    const other = await queueRunner<{ n: number }, never>({ url: redis.url });
    afterwards(other.close);
    const error = errorOf(runner.run({ n: 1 }));
    await expect.poll(async () => (await other.counts()).waiting).toBe(1);
    await runner.close();
    expect(await error).toMatchObject({ code: 'worker' });
    expect(await other.counts()).toEqual({ waiting: 0, active: 0, workers: 0 });
    await expect(runner.run({ n: 2 })).rejects.toMatchObject({ code: 'worker', what: 'The runner was closed' });
  });
});
