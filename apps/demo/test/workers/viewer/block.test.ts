import { wasm } from '@impflow/backend-wasm';
import { builtInRegistries, type FlowSpec } from '@impflow/flows';
import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { BlockView } from '../../../src/protocol/viewer.ts';
import { blockNets, blockOf } from '../../../src/workers/viewer/block.ts';
import { disposeFlow, modelFrom } from '../../../src/workers/viewer/model.ts';
import { observedModel } from '../../../src/workers/viewer/observed-model.ts';
import { planar, stirredCheckpoint } from './models.ts';

beforeAll(async () => {
  await wasm().start();
});

const POINT = [0.7, -1.3] as const;

/** Returns how each block maps a point, and checks that all tensors are freed afterwards. */
const seenBy = async (spec: FlowSpec): Promise<readonly (BlockView | undefined)[]> => {
  const before = memory().numTensors;
  const model = modelFrom(await stirredCheckpoint(spec, 3), builtInRegistries);
  const [nets, observed] = [blockNets(builtInRegistries), observedModel(model, builtInRegistries)];
  const views = [0, 1, 7].map((which) => blockOf(model, which, POINT, nets, () => observed));
  const held = memory().numTensors;
  blockOf(model, 0, POINT, nets, () => observed);
  expect(memory().numTensors).toBe(held);
  nets.dispose();
  observed.dispose();
  disposeFlow(model.flow);
  expect(memory().numTensors).toBe(before);
  return views;
};

it.each(['spectral', 'sandwich'] as const)('an implicit block of %s nets satisfies its equation', async (net) => {
  const [first, second, beyond] = await seenBy(planar({ net, coeff: 0.9 }));
  expect(beyond).toEqual(second);
  for (const view of [first!, second!]) {
    expect([view.kind, view.count, view.label]).toEqual(['implicit', 2, `implicit block ${view.which + 1}`]);
    for (const axis of [0, 1] as const)
      expect(view.z[axis] + view.gz!.value[axis]).toBeCloseTo(view.x[axis] + view.gx.value[axis], 4);
    for (const { slope } of [view.gx, view.gz!]) {
      expect(slope).toBeGreaterThan(0);
      expect(slope).toBeLessThan(1);
    }
    // The slope of an implicit block is at most the quotient of the bounds for its two nets.
    expect(view.slope).toBeLessThan(((1 + view.gx.slope) / (1 - view.gz!.slope)) * 1.01);
    expect(view.solver).toBe('quasi-newton');
    expect(view.residuals!.at(-1)).toBeLessThan(1e-4);
  }
  // The output of the first block is the input of the second block.
  expect(second!.x).toEqual(first!.z);
});

it('the shown output of a residual block is its input plus the value of its net', async () => {
  const [first] = await seenBy(planar({ model: 'residual', coeff: 0.9 }));
  expect(first!.kind).toBe('residual');
  expect(first!.gz).toBeUndefined();
  expect(first!.residuals).toBeUndefined();
  for (const axis of [0, 1] as const) expect(first!.z[axis]).toBeCloseTo(first!.x[axis] + first!.gx.value[axis], 5);
  expect(first!.slope).toBeLessThan(1.9);
});

it('a monotone block satisfies its equation', async () => {
  const [first] = await seenBy(planar({ model: 'monotone', coeff: 0.9 }));
  expect([first!.kind, first!.label, first!.gz]).toEqual(['monotone', 'monotone block 1', undefined]);
  // The root is w = x + z, and w + g(w) = 2 x.
  for (const axis of [0, 1] as const) expect(first!.z[axis] + first!.gx.value[axis]).toBeCloseTo(first!.x[axis], 4);
  expect(first!.gx.slope).toBeLessThan(1);
  expect(first!.solver).toBe('quasi-newton');
  expect(first!.residuals!.at(-1)).toBeLessThan(1e-4);
});

it('`blockOf` returns undefined for a coupling model', async () => {
  expect(await seenBy(planar({ model: 'coupling' }))).toEqual([undefined, undefined, undefined]);
});
