import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { key, normals } from '@impflow/core';
import {
  lockFolder,
  taskPool,
  type ProgramModule,
  type TaskPool,
  type TrainResult,
  type TrainTask,
} from '@impflow/jobs';
import { loadCheckpoint } from '@impflow/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporary, until } from './folders.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const checkpointOf = (name: string): string => join(at(name), 'checkpoint.safetensors');

const taskOf = (name: string, steps: number, options: TrainTask['options'] = {}): TrainTask => ({
  kind: 'train',
  folder: at(name),
  steps,
  place: { data: at('rows.csv') },
  options: { hidden: [8], blocks: 1, batch: 50, validateEvery: 5, patience: 999, steps: 2000, lr: 0.01, ...options },
});
const holderOf = (name: string): number | undefined => {
  try {
    return (JSON.parse(readFileSync(join(at(name), 'lock'), 'utf8')) as { pid: number }).pid;
  } catch {
    return undefined;
  }
};
const weightsOf = async (name: string): Promise<object> => (await loadCheckpoint(checkpointOf(name))).tensors;

const pools: TaskPool[] = [];
const poolOf = (processes: number, program?: ProgramModule): TaskPool => {
  const pool = taskPool({ processes, ...(program === undefined ? {} : { program }) });
  pools.push(pool);
  return pool;
};
let pool: TaskPool;
const run = (task: TrainTask): Promise<TrainResult> => pool.run(task);

beforeAll(() => {
  const noise = normals(key(5), 600);
  const rows = Array.from({ length: 300 }, (_, i) => `${noise[2 * i]},${noise[2 * i + 1]! ** 2}`);
  writeFileSync(at('rows.csv'), `a,b\n${rows.join('\n')}\n`);
  pool = poolOf(2);
});
afterAll(() => Promise.all(pools.map((each) => each.close())));

describe('a training in a process of a pool', { timeout: 120_000 }, () => {
  it('a training in a pool pauses after the steps of its task and continues in the next task; a repeated task trains nothing', async () => {
    const first = await run(taskOf('whole', 20));
    const second = await run(taskOf('whole', 40));
    expect([first.steps, second.steps]).toEqual([20, 40]);
    expect(second.validation!).toBeLessThan(first.validation!);
    const again = await run(taskOf('whole', 40));
    expect({ ...again, seconds: 0 }).toEqual({ ...second, seconds: 0 });
    expect(again.seconds).toBeLessThan(1);
  });

  it('a training in a pool ends with results on test data if the task requests them', async () => {
    const task = { ...taskOf('evaluated', 30, { steps: 30 }), evaluate: true };
    const { test, steps } = await run(task);
    expect(steps).toBe(30);
    expect(test).toMatchObject({ rows: 30, nats: expect.any(Number) });
    expect((await run(task)).test).toEqual(test);
  });

  it('a training whose process is killed ends with the same bits as an uninterrupted training', async () => {
    const straight = run(taskOf('straight', 400));
    const seen: number[] = [];
    const torn = pool.run(taskOf('torn', 400), { onProgress: (steps) => seen.push(steps) });
    await until(() => seen.length > 20);
    process.kill(holderOf('torn')!, 'SIGKILL');
    const [reference, found] = await Promise.all([straight, torn]);
    expect({ ...found, seconds: 0 }).toEqual({ ...reference, seconds: 0 });
    expect(await weightsOf('torn')).toEqual(await weightsOf('straight'));
    expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => a - b));
  });

  it('a training in a pool is saved when it is aborted', async () => {
    const abort = new AbortController();
    let done = 0;
    const onProgress = (steps: number): void => void (done = steps);
    const running = pool.run(taskOf('aborted', 2000), { signal: abort.signal, onProgress });
    await until(() => done > 0);
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(holderOf('aborted')).toBeUndefined();
    expect((await loadCheckpoint(checkpointOf('aborted'))).step).toBeGreaterThan(0);
    await expect(pool.run(taskOf('aborted', 2000), { signal: abort.signal })).rejects.toBe(reason);
  });

  it('a training waits for a living process that holds its folder, and takes over the folder of a dead process', async () => {
    mkdirSync(at('busy'));
    const unlock = await lockFolder(at('busy'));
    const running = run(taskOf('busy', 5));
    setTimeout(unlock, 700);
    expect((await running).seconds).toBeGreaterThan(0.5);
    const dead = { pid: 2 ** 22 + 1, host: hostname(), started: '1', id: 'x' };
    writeFileSync(join(at('busy'), 'lock'), JSON.stringify(dead));
    expect((await run(taskOf('busy', 10))).steps).toBe(10);
  });

  it('a training in a pool returns a result if it does not converge, and throws an error for wrong options or data', async () => {
    const diverged = await run(taskOf('diverged', 20, { lr: 1e30 }));
    expect([diverged.validation, diverged.error]).toEqual([null, expect.stringContaining('is not finite')]);
    await expect(run(taskOf('wrong', 20, { lr: -1 }))).rejects.toMatchObject({ code: 'option' });
    await expect(run({ ...taskOf('wrong', 20), place: { data: at('no.csv') } })).rejects.toMatchObject({
      code: 'input',
    });
    await expect(run(taskOf('late', 4))).rejects.toThrow('no validation after 4 steps');
    await expect(run({ ...taskOf('other', 4), backend: 'cuda' })).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('a pool', { timeout: 60_000 }, () => {
  it('a task in a pool fails if its process ends three times without further progress', async () => {
    const module = at('dies.mjs');
    writeFileSync(module, 'export const taskProgram = () => ({ train: async () => process.exit(7) });');
    const mortal = poolOf(1, { module });
    await expect(mortal.run(taskOf('mortal', 5))).rejects.toThrow(/ended 3 times: .*mortal.*got exit code 7/);
  });

  it('if the program of a pool cannot be loaded, each task throws the error', async () => {
    const broken = poolOf(1, { module: at('nothing.mjs') });
    for (let i = 0; i < 2; i++) await expect(broken.run(taskOf('none', 5))).rejects.toThrow('nothing.mjs');
  });

  it('a pool that is closed rejects waiting and running tasks', async () => {
    const closed = poolOf(1);
    const tasks = ['first', 'second'].map((name) => closed.run(taskOf(name, 2000)));
    const ends = Promise.allSettled(tasks);
    await until(() => existsSync(checkpointOf('first')));
    await closed.close();
    for (const end of await ends) expect(end).toMatchObject({ status: 'rejected', reason: { code: 'worker' } });
    expect(existsSync(at('second'))).toBe(false);
    expect(holderOf('first')).toBeUndefined();
  });
});
