import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noRedis, startRedis, type RedisServer } from '../../../../packages/testkit/private/redis.mjs';
import { compiled, impflow, json, start, startIn, temporary, until, type Running } from '../cli/harness.ts';

const folder = temporary();
const at = (...names: readonly string[]): string => join(folder, ...names);
const LONG = 120_000;
const SWEEP =
  'sweep --data earthquakes --param lr=1e-3,1e-2 --param blocks=1,2 --steps 90 --hidden 8 --batch 100 --quiet --json'.split(
    ' ',
  );

let redis: RedisServer;
const running = new Set<Running>();
const worker = async (): Promise<Running> => {
  const process = startIn(folder, 'worker', '--queue', redis.url, '--lock', '2');
  running.add(process);
  await until(() => process.said().includes('Taking tasks'));
  return process;
};
/** Returns the table of a sweep without the column of seconds, which differs between runs. */
const tableOf = (name: string): readonly (readonly string[])[] => {
  const [head, ...rows] = readFileSync(at(name, 'sweep.csv'), 'utf8').trimEnd().split('\n');
  const seconds = head!.split(',').indexOf('seconds');
  return [head!, ...rows].map((row) => row.split(',').filter((_, i) => i !== seconds));
};

describe.skipIf(noRedis !== undefined)(`sweep through a queue${noRedis === undefined ? '' : `: ${noRedis}`}`, () => {
  beforeAll(compiled);
  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    for (const process of running) process.kill('SIGKILL');
    await Promise.all([...running].map(({ exited }) => exited));
    running.clear();
    await redis.stop();
  });

  it(
    'a sweep through a queue has the same table as without a queue, although a worker was killed',
    async () => {
      json(await impflow(...SWEEP, '--out', at('local')));
      const victim = await worker();
      const sweep = start(...SWEEP, '--out', at('queue'), '--queue', redis.url);
      await until(() => existsSync(at('queue', 'trial-000', 'metrics.jsonl')));
      victim.kill('SIGKILL');
      await worker();
      const answer = json<{ best: { name: string }; trials: readonly unknown[] }>(await sweep.exited);
      expect(tableOf('queue')).toEqual(tableOf('local'));
      expect(answer.trials).toHaveLength(5);
      for (const file of ['sweep.csv', 'sweep.png', join(answer.best.name, 'checkpoint.safetensors')])
        expect(existsSync(at('queue', file))).toBe(true);
    },
    LONG,
  );

  it('`sweep` refuses `--local` together with `--queue`', async () => {
    const { code, stderr } = await impflow(...SWEEP, '--out', at('both'), '--local', '--queue', redis.url);
    expect(code).toBe(2);
    expect(stderr).toContain('--local and --queue contradict each other');
  });
});
