import { FlowError } from '@impflow/core';
import { describe, expect, test } from 'vitest';
import { noRedis, startRedis } from '../../../testkit/private/redis.mjs';
import { queueRunner, startWorker, type WorkerEvent } from '../../src/index.ts';
import { afterwards, errorOf, rawClient } from './harness.ts';

describe.skipIf(noRedis !== undefined)(`errors of tasks${noRedis === undefined ? '' : `: ${noRedis}`}`, () => {
  /** Opens a queue with one worker. The worker runs `handler` in this process. */
  const open = async (handler: (task: unknown) => Promise<unknown>) => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const runner = await queueRunner({ url: redis.url });
    afterwards(runner.close);
    const events: WorkerEvent[] = [];
    const worker = await startWorker({
      url: redis.url,
      name: 'here',
      handler,
      onEvent: (event) => void events.push(event),
    });
    afterwards(worker.close);
    return { redis, runner, events };
  };

  test('if a handler throws a FlowError, the caller receives its code, and the message contains the name of the worker', async () => {
    const { runner, events } = await open(async () => {
      throw new FlowError('input', 'data/readTable', 'A cell is not a number', {
        expected: 'digits',
        got: '"abc"',
        hint: 'Correct line 3.',
      });
    });
    const error = await errorOf(runner.run({ n: 1 }));
    expect(error).toBeInstanceOf(FlowError);
    expect(error).toMatchObject({ code: 'input', at: 'data/readTable', expected: 'digits', got: '"abc"' });
    expect((error as Error).message).toBe(
      '[data/readTable] A cell is not a number: expected digits, got "abc". Correct line 3. Reported by worker here.',
    );
    await expect.poll(() => events.map(({ type }) => type)).toEqual(['started', 'failed']);
  });

  test('a worker continues after its handler throws a TypeError', async () => {
    const { runner } = await open(async (task) => {
      if (task === 'bad') throw new TypeError('undefined is not\n a function');
      return null;
    });
    await expect(runner.run('bad')).rejects.toMatchObject({
      code: 'worker',
      message: '[queue/run] A task failed: undefined is not a function. Reported by worker here.',
    });
    expect(await runner.run('good')).toBe(null);
  });

  test('a task that fails with the code `worker` runs three more times before its error is reported', async () => {
    const { runner, events } = await open(async (task) => {
      const starts = events.filter((event) => event.type === 'started' && event.task === task).length;
      if (task === 'hopeless' || starts < 3) throw new FlowError('worker', 'test', 'The process ended');
      return starts;
    });
    expect(await runner.run('unlucky')).toBe(3);
    await expect(runner.run('hopeless')).rejects.toMatchObject({ code: 'worker', what: 'The process ended' });
    const retried = (): readonly boolean[] =>
      events.flatMap((event) => (event.type === 'failed' && event.task === 'hopeless' ? [event.retried] : []));
    await expect.poll(retried).toEqual([true, true, true, false]);
  });

  test('a failed task runs again if it is submitted a second time', async () => {
    let broken = true;
    const { runner } = await open(async () => {
      if (broken) throw new FlowError('input', 'test', 'Broken');
      return 'mended';
    });
    await expect(runner.run({ n: 1 })).rejects.toMatchObject({ what: 'Broken' });
    await expect(runner.run({ n: 1 })).rejects.toMatchObject({ what: 'Broken' });
    broken = false;
    expect(await runner.run({ n: 1 })).toBe('mended');
  });

  test('the submitting program receives the progress of a task about once a second', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const runner = await queueRunner({ url: redis.url });
    afterwards(runner.close);
    const worker = await startWorker({
      url: redis.url,
      handler: async (_task, { onProgress }) => {
        for (let done = 1; done <= 125; done++) {
          onProgress(done);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
    });
    afterwards(worker.close);
    const seen: number[] = [];
    expect(await runner.run({ n: 1 }, { onProgress: (done) => void seen.push(done) })).toBe(undefined);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  test('run rejects tasks and results that cannot be written as JSON', async () => {
    const { runner, redis } = await open(async () => 1n);
    await expect(runner.run({ big: 1n })).rejects.toMatchObject({ code: 'input' });
    await expect(runner.run(undefined)).rejects.toMatchObject({ code: 'input' });
    await expect(runner.run({ n: 1 })).rejects.toMatchObject({ code: 'worker' });
    const client = rawClient(redis.url);
    expect(await client.llen('bull:impflow:active')).toBe(0);
  });
});
