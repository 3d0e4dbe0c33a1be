import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { noRedis, startRedis } from '../../../testkit/private/redis.mjs';
import { queueRunner } from '../../src/index.ts';
import {
  afterwards,
  endProcess,
  expectParts,
  logged,
  partTasks,
  randomFrom,
  runningIn,
  startWorkerProcess,
  temporaryFolder,
  type PartTask,
  type WorkerProcess,
} from './harness.ts';

describe.skipIf(noRedis !== undefined)(`lost workers${noRedis === undefined ? '' : `: ${noRedis}`}`, () => {
  test('after 20 random SIGKILLs of workers, each task has written its file and every result has arrived', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const folder = await temporaryFolder();
    const random = randomFrom(20);
    const runner = await queueRunner<PartTask, { part: number }>({ url: redis.url });
    afterwards(runner.close);
    const start = () => startWorkerProcess({ url: redis.url, folder, lockMs: 2_000 });
    const workers = await Promise.all([start(), start(), start()]);
    const tasks: PartTask[] = [];
    const results: Promise<{ part: number }>[] = [];
    const submit = (count: number): void => {
      for (let i = 0; i < count; i++) {
        const task = { folder, part: tasks.length, rounds: 5_000, waitMs: 400 };
        tasks.push(task);
        results.push(runner.run(task));
      }
    };
    submit(60);
    let recovered = 0;
    const countRecovered = ({ told }: WorkerProcess): void => {
      recovered += told.filter(({ type }) => type === 'recovered').length;
    };
    for (let kill = 0; kill < 20; kill++) {
      // If few tasks are left, which may happen on a slow machine, more tasks are submitted. So each worker has a
      // running task when it is killed.
      if ((await runner.counts()).waiting < 6) submit(6);
      const successor = start();
      const index = Math.floor(3 * random());
      const victim = workers[index]!;
      await expect.poll(() => runningIn(victim), { timeout: 60_000, interval: 10 }).toBeGreaterThan(0);
      await pause(300 * random());
      await endProcess(victim.child);
      countRecovered(victim);
      workers[index] = await successor;
    }
    expect((await Promise.all(results)).map(({ part }) => part)).toEqual(tasks.map(({ part }) => part));
    await expectParts(folder, tasks);
    for (const worker of workers) countRecovered(worker);
    expect(recovered).toBeGreaterThan(0);
    // Each task ran at least once, and some tasks ran several times.
    const starts = await logged(folder, 'starts.log');
    expect(starts.length).toBeGreaterThan(tasks.length);
    expect([...new Set(starts)]).toEqual(tasks.map(({ part }) => part));
  });

  test('a worker that is suspended until its lock expires sends the event `lost`, and no file is damaged', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const folder = await temporaryFolder();
    const tasks = partTasks(folder, 6, 200_000);
    const runner = await queueRunner<PartTask, { part: number; worker: number }>({ url: redis.url });
    afterwards(runner.close);
    const zombie = await startWorkerProcess({ url: redis.url, folder, lockMs: 1_000 });
    const results = Promise.all(tasks.map((task) => runner.run(task)));
    const { id } = await zombie.heard('started');
    zombie.child.kill('SIGSTOP');
    const other = await startWorkerProcess({ url: redis.url, folder, lockMs: 1_000 });
    await expect
      .poll(() => other.told.some(({ type, id: of }) => type === 'started' && of === id), { timeout: 30_000 })
      .toBe(true);
    zombie.child.kill('SIGCONT');
    expect((await zombie.heard('lost')).id).toBe(id);
    expect((await results)[0]!.worker).toBe(other.child.pid);
    await expectParts(folder, tasks);
    // After the event `lost`, the resumed worker runs other tasks.
    const more = { folder, part: 100, rounds: 1_000 };
    await endProcess(other.child);
    expect((await runner.run(more)).worker).toBe(zombie.child.pid);
    expect(zombie.told.some(({ type, id: of }) => type === 'done' && of === id)).toBe(false);
    expect(zombie.errors()).toBe('');
  });
});
