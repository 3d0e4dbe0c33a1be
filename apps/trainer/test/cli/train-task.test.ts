import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { FlowError } from '@impflow/core';
import { loadCheckpoint } from '@impflow/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { trainTask, type TrainResult, type TrainTask } from '../../src/tasks/train-task.ts';
import { compiled, start, temporary, until } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const taskOf = (name: string, steps: number, options: TrainTask['options'] = {}): TrainTask => ({
  kind: 'train',
  folder: at(name),
  steps,
  options: { data: 'moons', hidden: '8', blocks: 1, batch: 50, 'validate-every': 5, steps: 2000, lr: 0.01, ...options },
});
const run = (
  task: TrainTask,
  signal: AbortSignal = new AbortController().signal,
  onProgress: (steps: number) => void = () => {},
): Promise<TrainResult> => trainTask(task, { signal, onProgress });
const holderOf = (name: string): number | undefined => {
  try {
    return (JSON.parse(readFileSync(join(at(name), 'lock'), 'utf8')) as { pid: number }).pid;
  } catch {
    return undefined;
  }
};
const isTraining = (name: string): boolean =>
  existsSync(join(at(name), 'metrics.jsonl')) && readFileSync(join(at(name), 'metrics.jsonl')).length > 0;
const weightsOf = async (name: string): Promise<object> =>
  (await loadCheckpoint(join(at(name), 'checkpoint.safetensors'))).tensors;

beforeAll(compiled);

describe('trainTask', { timeout: 120_000 }, () => {
  it('trains up to its steps, and goes on; a second time it only answers', async () => {
    const first = await run(taskOf('whole', 20));
    const second = await run(taskOf('whole', 40));
    expect([first.steps, second.steps]).toEqual([20, 40]);
    expect(second.validation!).toBeLessThan(first.validation!);
    const again = await run(taskOf('whole', 40));
    expect({ ...again, seconds: 0 }).toEqual({ ...second, seconds: 0 });
    expect(again.seconds).toBeLessThan(1);
    expect(existsSync(join(at('whole'), 'density.png'))).toBe(false);
  });

  it('replaces a process that dies, to the same bits', async () => {
    const straight = run(taskOf('straight', 600));
    const seen: number[] = [];
    const torn = run(taskOf('torn', 600), undefined, (steps) => seen.push(steps));
    await until(() => isTraining('torn'));
    process.kill(holderOf('torn')!, 'SIGKILL');
    const [reference, found] = await Promise.all([straight, torn]);
    expect({ ...found, seconds: 0 }).toEqual({ ...reference, seconds: 0 });
    expect(await weightsOf('torn')).toEqual(await weightsOf('straight'));
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it('ends its process when it is aborted, which saves', async () => {
    const abort = new AbortController();
    const running = run(taskOf('aborted', 2000), abort.signal);
    await until(() => isTraining('aborted'));
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(holderOf('aborted')).toBeUndefined();
    const { step } = await loadCheckpoint(join(at('aborted'), 'checkpoint.safetensors'));
    expect(step).toBeGreaterThan(0);
    await expect(run(taskOf('aborted', 2000), abort.signal)).rejects.toBe(reason);
  });

  it('waits for a process that trains in the folder', async () => {
    const other = start(
      ...'train --data=moons --hidden=8 --blocks=1 --batch=50 --validate-every=5 --steps=2000 --lr=0.01'.split(' '),
      '--workers=1',
      '--until=200',
      `--out=${at('busy')}`,
      '--quiet',
    );
    await until(() => isTraining('busy'));
    expect((await run(taskOf('busy', 200))).steps).toBe(200);
    expect((await other.exited).code).toBe(0);
  });

  it('returns a training that does not converge, and throws the error of a wrong one', async () => {
    const diverged = await run(taskOf('diverged', 20, { lr: 1e30 }));
    expect([diverged.validation, diverged.error]).toEqual([null, expect.stringContaining('is not finite')]);
    const code = (task: TrainTask): Promise<unknown> =>
      run(task).then(
        () => 'none',
        (error: unknown) => (error instanceof FlowError ? error.code : error),
      );
    expect(await code(taskOf('wrong', 20, { lr: -1 }))).toBe('option');
    expect(await code(taskOf('wrong', 20, { data: at('nothing.csv') }))).toBe('input');
    expect(await code(taskOf('late', 4, { 'validate-every': 5 }))).toBe('option');
    expect(await code(taskOf('whole', 60, { lr: 0.02 }))).toBe('option');
  });

  it.each<[string, unknown, string]>([
    ['another place', { options: { out: 'elsewhere' } }, 'got "out"'],
    ['a module', { options: { plugin: './x.mjs' } }, 'got "plugin"'],
    ['an object as a value', { options: { lr: {} } }, 'options.lr'],
    ['no steps', { steps: 0 }, 'steps'],
    ['another kind', { kind: 'shell' }, 'kind'],
  ])('refuses %s', async (_name, change, message) => {
    const task = { ...taskOf('refused', 5), ...(change as object) } as TrainTask;
    await expect(run(task)).rejects.toThrow(message);
    expect(existsSync(at('refused'))).toBe(false);
  });

  it('takes over the lock of a dead process', async () => {
    await run(taskOf('dead', 5));
    writeFileSync(
      join(at('dead'), 'lock'),
      JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), started: '1', id: 'x' }),
    );
    expect((await run(taskOf('dead', 10))).steps).toBe(10);
  });
});
