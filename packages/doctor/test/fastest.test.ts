import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { webgl } from '@impflow/backend-webgl';
import { tensor1d } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { fastest, whileRunning } from '../src/index.ts';

const times: Readonly<Record<string, number>> = { cpu: 7, wasm: 3 };

it('`fastest` returns the fastest backend, all times, and the reason for each backend without a time', async () => {
  const told: number[] = [];
  const outcome = await fastest([webgl(), cpu(), wasm()], (adapter, best) =>
    whileRunning(adapter, async ({ name }) => {
      told.push(best);
      const x = tensor1d([times[name]!]);
      const [ms] = await x.data();
      x.dispose();
      return ms!;
    }),
  );
  expect(outcome).toMatchObject({
    name: 'wasm',
    measured: [
      { name: 'cpu', ms: 7 },
      { name: 'wasm', ms: 3 },
    ],
    leftOut: [{ name: 'webgl' }],
  });
  expect(outcome.leftOut[0]!.reason).toContain('Node, which has none');
  expect(told).toEqual([Infinity, 7]);
});

it('`fastest` leaves out a backend whose measurement returns a reason or a time of NaN', async () => {
  const outcome = await fastest([cpu(), wasm(), webgl()], async ({ name }) =>
    name === 'cpu' ? 'slower than it looks' : name === 'wasm' ? 5 : NaN,
  );
  expect(outcome).toEqual({
    name: 'wasm',
    measured: [{ name: 'wasm', ms: 5 }],
    leftOut: [
      { name: 'cpu', reason: 'slower than it looks' },
      { name: 'webgl', reason: 'its time was NaN' },
    ],
  });
});

it('if no backend can be measured, `fastest` throws an error with the reason of every adapter', async () => {
  await expect(
    fastest([webgl(), cpu()], (adapter) =>
      whileRunning(adapter, async () => {
        throw new Error('out of paper');
      }),
    ),
  ).rejects.toThrow(/No backend could be measured.*webgl .*Node, which has none.*cpu \(Error: out of paper\)/);
  await expect(fastest([], async () => 1)).rejects.toThrow('no candidates');
});
