import { key } from '@impflow/core';
import { toys } from '@impflow/tables/toys';
import { expose, releaseProxy, wrap, type Endpoint } from 'comlink';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DataRequest } from '../../../src/protocol/data.ts';
import type { ViewerWorker } from '../../../src/protocol/viewer.ts';
import { prepare } from '../../../src/workers/data/prepare.ts';
import { viewer } from '../../../src/workers/viewer/viewer.ts';
import { checkpointOf, disposed, numbers, planar, stirred, stirredCheckpoint } from './models.ts';

const worker: ViewerWorker = viewer();
beforeAll(() => worker.open([]));

const MOONS: DataRequest = { choice: { kind: 'toy', name: 'moons', noise: 0, size: 0 }, seed: 3 };
/** Points drawn by hand. */
const drawn = (rows: number): DataRequest => ({
  choice: { kind: 'drawn', name: 'drawn', noise: 0, size: 0 },
  seed: 3,
  rows: toys['pinwheel']!.sample(key(1), rows),
});

describe('held-out rows', () => {
  it('`heldOut` returns the mean and the standard error of -log p over the held-out rows', async () => {
    const spec = planar();
    const flow = stirred(spec, 2);
    await worker.load(0, await checkpointOf(flow, spec));
    const { heldOutRows } = await worker.data(MOONS);
    const { nats, standardError, step } = await worker.heldOut(0, 2000);
    // The expected numbers are computed from the same rows, which are prepared without the viewer.
    const { heldOut } = await prepare(MOONS);
    const rows = Math.min(2000, heldOutRows);
    const losses = [...numbers(heldOut.slice(0, 2 * rows), (x) => flow.logProb(x))].map((logProb) => -logProb);
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / rows;
    expect(nats).toBeCloseTo(mean, 4);
    expect(standardError).toBeCloseTo(
      Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / (rows - 1) / rows),
      5,
    );
    expect(step).toBe(7);
    disposed(flow);
  });

  it.each([
    ['quasi-newton', planar()],
    ['fixed-point', planar({ solver: { name: 'fixed-point' }, coeff: 0.7 })],
  ])('solves returns decreasing residuals for the solves of each block: %s', async (solver, spec) => {
    await worker.data(MOONS);
    await worker.load(0, await stirredCheckpoint(spec, 2, 2));
    const curves = await worker.solves(0);
    expect(curves.map(({ label }) => label)).toEqual(['implicit block 1', 'implicit block 2']);
    for (const { median, largest, unconverged, tolerance, solver: name } of curves) {
      expect([unconverged, name]).toEqual([0, solver]);
      expect(median).toHaveLength(largest.length);
      expect(median.length).toBeGreaterThan(2);
      // The residual of the best iterate so far never increases.
      expect(largest).toEqual(largest.toSorted((a, b) => b - a));
      expect(median.map((residual, step) => Math.min(residual, largest[step]!))).toEqual(median);
      expect(median[0]).toBeGreaterThan(1e-3);
      expect(median.at(-1)).toBeLessThanOrEqual(tolerance!);
      expect(tolerance).toBeGreaterThan(1e-6);
      expect(tolerance).toBeLessThan(1e-5);
    }
  });

  it('if a solver fails, the curve of the solve names the fallback solver that continued the solve', async () => {
    await worker.data(MOONS);
    const spec = { ...planar({ blocks: 1, solver: { name: 'fixed-point' } }), tolerance: { maxSteps: 3 } };
    await worker.load(0, await stirredCheckpoint(spec, 2, 2));
    const [curve] = await worker.solves(0);
    expect(curve).toMatchObject({ solver: 'fixed-point, then anderson', unconverged: 0 });
    expect(curve!.largest).toHaveLength(4);
  });

  it('`heldOut` and `solves` work with few held-out rows', async () => {
    await worker.load(1, await stirredCheckpoint(planar({ model: 'residual' })));
    const { heldOutRows } = await worker.data(drawn(30));
    expect(heldOutRows).toBeGreaterThan(0);
    expect(Number.isFinite((await worker.heldOut(1, 2000)).nats)).toBe(true);
    expect(await worker.solves(1)).toEqual([]);
  });

  it('`heldOut` and `solves` throw if no data are chosen', async () => {
    const other = viewer();
    await other.open([]);
    await other.load(0, await stirredCheckpoint(planar()));
    for (const asked of [other.heldOut(0, 2000), other.solves(0)])
      await expect(asked).rejects.toThrow('There are no held-out rows. Choose data first.');
  });
});

it('the viewer responds to calls over a message channel, and its arrays are transferred instead of copied', async () => {
  const { port1, port2 } = new MessageChannel();
  expose(worker, port1 as unknown as Endpoint);
  const remote = wrap<ViewerWorker>(port2 as unknown as Endpoint);
  try {
    expect(await remote.load(0, await stirredCheckpoint(planar(), 3))).toEqual({ step: 3 });
    const region = [
      [-1, 1],
      [-1, 1],
    ] as const;
    const { values, pixels } = await remote.map(0, { quantity: 'density', region, side: 5 });
    expect([values.length, pixels.length]).toEqual([25, 100]);
    expect((await remote.warp(0, region, 3, 4, 0)).stages.map(({ length }) => length)).toEqual([48, 48, 48, 48]);
    expect((await remote.samples(0, 3, 1)).length).toBe(6);
    expect((await remote.logProb(0, Float32Array.of(0, 0))).length).toBe(1);
    expect((await remote.path(0, [0, 0])).forward.length).toBe(8);
    expect(await remote.ping()).toBeGreaterThan(0);
    await expect(remote.map(0, { quantity: 'density', region, side: -1 })).rejects.toThrow('Wrong side');
  } finally {
    remote[releaseProxy]();
    port1.close();
  }
});
