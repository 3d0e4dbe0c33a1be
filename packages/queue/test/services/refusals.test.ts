import { describe, expect, test } from 'vitest';
import { noRedis, startRedis } from '../../../testkit/private/redis.mjs';
import { queueRunner, startWorker, type WorkerEvent } from '../../src/index.ts';
import { afterwards } from './harness.ts';

describe.skipIf(noRedis !== undefined)(`refused tasks${noRedis === undefined ? '' : `: ${noRedis}`}`, () => {
  const open = async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const runner = await queueRunner({ url: redis.url });
    afterwards(runner.close);
    const events: WorkerEvent[] = [];
    const start = async (name: string, refuses: (task: unknown) => Promise<string | undefined>): Promise<void> => {
      const worker = await startWorker({
        url: redis.url,
        name,
        refuses,
        handler: async () => name,
        onEvent: (event) => void events.push(event),
      });
      afterwards(worker.close);
    };
    return { runner, start, events };
  };

  test('tasks that one worker refuses are run by another worker', async () => {
    const { runner, start, events } = await open();
    await start('narrow', async (task) => (Number(task) % 2 === 0 ? 'the task is even' : undefined));
    const even = runner.run(0);
    await expect.poll(() => events.map(({ type }) => type)).toContain('refused');
    await start('wide', async () => undefined);
    expect(await even).toBe('wide');
    const names = await Promise.all(Array.from({ length: 40 }, (_, n) => runner.run(n + 2)));
    expect(names.filter((name, n) => n % 2 === 0 && name !== 'wide')).toEqual([]);
    expect(events.filter(({ type }) => type === 'failed')).toEqual([]);
  });

  test('a task that all workers refuse fails after ten seconds with the reasons of all workers', async () => {
    const { runner, start, events } = await open();
    await start('first', async () => 'it is too large');
    await start('second one', async () => 'it is too small');
    await expect(runner.run('task')).rejects.toMatchObject({
      code: 'input',
      what: 'No connected worker runs the task',
      got: expect.stringMatching(/(?=.*first: it is too large)(?=.*second-one: it is too small)/),
    });
    // Each worker reports its refusal once.
    expect(events.filter(({ type }) => type === 'refused')).toHaveLength(2);
  }, 60_000);

  test('an error of `refuses` is an error of the task', async () => {
    const { runner, start } = await open();
    await start('broken', async () => Promise.reject(new Error('no such folder')));
    await expect(runner.run('task')).rejects.toMatchObject({ what: 'A task failed: no such folder' });
  });
});
