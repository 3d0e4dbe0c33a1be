import { memory } from '@tensorflow/tfjs-core';
import type { Remote } from 'comlink';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { WallWorker } from '../../../src/protocol/wall.ts';
import { wallFits, type WallHandle } from '../../../src/views/wall-fits.ts';
import { startBackend } from '../../../src/workers/backends.ts';
import { wall } from '../../../src/workers/wall/wall.ts';

/**
 * Opens workers that run in the thread of the test. After `close` these workers no longer respond, like terminated
 * workers.
 */
const workshop = () => {
  const opened: { readonly worker: WallWorker; alive: boolean }[] = [];
  const open = async (): Promise<WallHandle> => {
    const own = { worker: wall(), alive: true };
    opened.push(own);
    return {
      ask: (call) =>
        own.alive
          ? Promise.resolve(call(own.worker as unknown as Remote<WallWorker>))
          : Promise.reject(new Error('The wall has stopped.')),
      close: () => {
        own.alive = false;
        own.worker.stop();
      },
    };
  };
  return { open, opened, living: () => opened.filter(({ alive }) => alive).length };
};

const until = (holds: () => boolean): Promise<boolean> => vi.waitUntil(holds, { timeout: 50_000, interval: 5 });

beforeAll(async () => {
  await startBackend('wasm');
});

describe('fits of the experiment with one block of each kind', () => {
  it('no worker is opened before the experiment is visible; then a fit starts immediately and reports its end', async () => {
    const { open, opened } = workshop();
    const fits = wallFits(open);
    expect(fits.status.value).toBe('idle');
    expect(opened).toHaveLength(0);
    fits.seen(true);
    expect(fits.status.value).toBe('fitting');
    await until(() => fits.curve.value !== undefined);
    opened[0]!.worker.stop();
    await until(() => fits.status.value === 'done');
    fits.seen(false);
    fits.seen(true);
    expect(fits.status.value).toBe('done');
    fits.end();
  });

  it('a change removes the previous curves immediately, and only the last of several changes is fitted', async () => {
    const { open, opened } = workshop();
    const fits = wallFits(open, { pauseMs: 30 });
    fits.seen(true);
    await until(() => fits.curve.value !== undefined);
    for (const slope of [9, 8, 2]) fits.change({ slope });
    expect(fits.curve.value).toBeUndefined();
    expect(fits.status.value).toBe('waiting');
    expect(fits.request.value.slope).toBe(2);
    await until(() => fits.curve.value !== undefined);
    expect(fits.curve.value!.bound).toBeLessThan(0.01);
    expect(opened).toHaveLength(1);
    fits.end();
  });

  it('if the worker has died, the next fit starts in a new worker', async () => {
    const { open, opened } = workshop();
    const fits = wallFits(open);
    fits.seen(true);
    await until(() => fits.curve.value !== undefined);
    opened[0]!.alive = false;
    fits.again();
    expect(fits.request.value.seed).toBe(1);
    await until(() => fits.curve.value !== undefined);
    expect(opened).toHaveLength(2);
    fits.end();
    opened[0]!.worker.stop();
  });

  it('if no worker starts, the experiment reports the reason, and tries again on request', async () => {
    const { open } = workshop();
    let broken = true;
    const fits = wallFits(() => (broken ? Promise.reject(new Error('The wall does not start.')) : open()));
    fits.seen(true);
    await until(() => fits.status.value === 'failed');
    expect(fits.problem.value).toBe('The wall does not start.');
    broken = false;
    fits.again();
    await until(() => fits.curve.value !== undefined);
    fits.end();
  });

  it('an experiment that is out of view for long closes its worker; an unfinished fit is repeated later', async () => {
    const { open, opened, living } = workshop();
    const fits = wallFits(open, { absenceMs: 20 });
    fits.seen(true);
    await until(() => fits.curve.value !== undefined);
    fits.seen(false);
    await until(() => living() === 0);
    expect(fits.status.value).toBe('idle');
    fits.seen(true);
    await until(() => fits.curve.value !== undefined);
    expect(opened).toHaveLength(2);
    fits.end();
    await until(() => living() === 0);
  });

  it('if the experiment ends during a fit or during the start of a worker, no worker and no tensor leaks', async () => {
    const { open, living } = workshop();
    const before = memory().numTensors;
    const early = wallFits(open);
    early.seen(true);
    early.end();
    const late = wallFits(open);
    late.seen(true);
    await until(() => late.curve.value !== undefined);
    late.end();
    await until(() => living() === 0 && memory().numTensors === before);
    expect(early.curve.value).toBeUndefined();
    expect(late.status.value).toBe('idle');
  });
});
