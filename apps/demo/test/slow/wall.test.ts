import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { WallCurve, WallRequest } from '../../src/protocol/wall.ts';
import { startBackend } from '../../src/workers/backends.ts';
import { residualSlopes } from '../../src/workers/wall/target.ts';
import { wall } from '../../src/workers/wall/wall.ts';

const STEEP: WallRequest = { slope: 10, width: 0.5, coeff: 0.99, seed: 0 };
/** Returns the number of tensors in memory. */
const held = (): number => memory().numTensors;

beforeAll(async () => {
  await startBackend('wasm');
});

describe('a fit at slope 10', () => {
  const curves: WallCurve[] = [];
  let before = 0;
  beforeAll(async () => {
    before = held();
    await wall().fit(STEEP, (curve) => {
      curves.push(curve);
    });
  });

  it('a fit brings the implicit block close to the function, and the residual block close to its error bound', () => {
    const { largestError, bound, parameters } = curves.at(-1)!;
    expect(bound).toBeCloseTo(1.938, 3);
    expect(largestError.implicit).toBeLessThan(0.1);
    expect(largestError.residual).toBeGreaterThanOrEqual(bound - 1e-5);
    expect(largestError.residual).toBeLessThan(1.02 * bound);
    expect(parameters.residual).toBeGreaterThan(parameters.implicit);
  });

  it('a fit reports curves with increasing steps; the error of the residual block is never below its bound', () => {
    expect(curves.length).toBeGreaterThan(5);
    const steps = curves.map(({ step }) => step);
    expect(new Set(steps).size).toBe(steps.length);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    for (const { largestError, bound } of curves) expect(largestError.residual).toBeGreaterThanOrEqual(bound - 1e-5);
  });

  it('during a fit both blocks stay increasing, and the slopes of the residual block stay within its bounds', () => {
    const [least, largest] = residualSlopes(STEEP.coeff);
    const { x, implicit, residual } = curves.at(-1)!;
    for (let i = 1; i < x.length; i++) {
      expect(implicit[i]).toBeGreaterThan(implicit[i - 1]!);
      const slope = (residual[i]! - residual[i - 1]!) / (x[i]! - x[i - 1]!);
      expect(slope).toBeGreaterThan(least - 1e-3);
      expect(slope).toBeLessThan(largest + 1e-3);
    }
  });

  it('a fit disposes all its tensors', () => expect(held()).toBe(before));
});

it('two fits of the same request give the same curve', async () => {
  const first = async (): Promise<WallCurve> => {
    const worker = wall();
    const seen: WallCurve[] = [];
    await worker.fit(STEEP, (curve) => {
      seen.push(curve);
      worker.stop();
    });
    return seen[0]!;
  };
  const [a, b] = [await first(), await first()];
  expect(a.step).toBe(b.step);
  expect(a.implicit).toEqual(b.implicit);
});

describe('starting and stopping fits', () => {
  it('a fit ends when another fit starts; the ended fit makes no more reports and leaks no tensors', async () => {
    const before = held();
    const worker = wall();
    const [old, young]: [WallCurve[], WallCurve[]] = [[], []];
    let done: Promise<void> | undefined;
    const first = worker.fit(STEEP, (curve) => {
      old.push(curve);
      done ??= worker.fit({ ...STEEP, slope: 2, seed: 1 }, (next) => {
        young.push(next);
        worker.stop();
      });
    });
    await first;
    await done;
    expect(old).toHaveLength(1);
    expect(young).toHaveLength(1);
    expect(young[0]!.bound).toBeLessThan(0.01);
    expect(worker.ping()).toBe(young[0]!.step);
    expect(held()).toBe(before);
  });

  it('a later request replaces a waiting fit, and only the last request is completed', async () => {
    const before = held();
    const worker = wall();
    const seen: number[] = [];
    const fits = [3, 5, 7].map((slope) =>
      worker.fit({ ...STEEP, slope }, () => {
        seen.push(slope);
        worker.stop();
      }),
    );
    await Promise.all(fits);
    expect(seen).toEqual([7]);
    expect(held()).toBe(before);
  });

  it('a fit that is stopped before it starts ends without a curve', async () => {
    const worker = wall();
    const seen: WallCurve[] = [];
    const fit = worker.fit(STEEP, (curve) => {
      seen.push(curve);
    });
    worker.stop();
    await fit;
    expect(seen).toEqual([]);
  });

  it('a fit that fails rejects with the reason, and the next fit runs', async () => {
    const before = held();
    const worker = wall();
    await expect(worker.fit({ ...STEEP, coeff: 0 }, () => {})).rejects.toThrow('Wrong Lipschitz coefficient');
    const seen: WallCurve[] = [];
    await worker.fit(STEEP, (curve) => {
      seen.push(curve);
      worker.stop();
    });
    expect(seen).toHaveLength(1);
    expect(held()).toBe(before);
  });
});
