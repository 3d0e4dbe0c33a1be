import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/**
 * Program that prints how many full garbage collections V8 makes while 20 MB of live objects are replaced eighty times.
 */
const CHURN = `
  import { wasm } from '@impflow/backend-wasm';
  import { constants, PerformanceObserver } from 'node:perf_hooks';
  await wasm({ collectRarely: process.argv[1] === 'rarely' }).start();
  let full = 0;
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) full++;
  }).observe({ entryTypes: ['gc'] });
  const live = [];
  for (let round = 0; round < 400; round++) {
    for (let i = 0; i < 4e4; i++) live[(4e4 * round + i) % 2e5] = [i, round, i, round, i, round];
    await new Promise(setImmediate);
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  console.log(String(full));
`;

const collections = async (how: 'rarely' | 'often'): Promise<number> => {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', CHURN, how], {
    cwd,
  });
  return Number(stdout);
};

it('full garbage collections are rare, unless the option `collectRarely` is false', async () => {
  const [rarely, often] = [await collections('rarely'), await collections('often')];
  expect(often).toBeGreaterThan(4);
  expect(rarely).toBeLessThan(0.75 * often);
}, 60_000);
