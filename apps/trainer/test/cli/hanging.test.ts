import { join } from 'node:path';
import { loadCheckpoint } from '@impflow/training';
import { beforeAll, expect, it } from 'vitest';
import { compiled, fixture, start, temporary, until } from './harness.ts';

const folder = temporary();

beforeAll(compiled);

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'in a step that never ends, a first %s prints when the run is saved, and a second signal ends the process',
  async (signal, expected) => {
    const run = join(folder, signal);
    const running = start(
      'train',
      '--data',
      'moons',
      '--steps',
      '1000',
      '--batch',
      '20',
      '--hidden',
      '8',
      '--blocks',
      '1',
      '--validate-every',
      '5',
      '--workers',
      '1',
      '--plugin',
      fixture('hanging.mjs'),
      '--solver',
      'hanging',
      '--quiet',
      '--out',
      run,
    );
    try {
      await until(() => running.said().includes('hanging'), 15_000);
      running.kill(signal);
      await until(() => running.said().includes('saved at the end of this step'), 5000);
      const began = Date.now();
      running.kill(signal);
      const { code } = await running.exited;
      expect(code).toBe(expected);
      expect(Date.now() - began).toBeLessThan(4000);
      expect((await loadCheckpoint(join(run, 'checkpoint.safetensors'))).step).toBeGreaterThanOrEqual(5);
    } finally {
      running.kill('SIGKILL');
    }
  },
);
