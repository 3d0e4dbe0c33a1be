import { cpu } from '@impflow/backend-cpu';
import { key, drawNormal, normals, scoped } from '@impflow/core';
import { certifiedConvNorm } from '@impflow/lipschitz';
import { onBackend } from '@impflow/testkit';
import { fill, mul, sum, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { largestByPower } from '../src/device-power.ts';
import { convAction } from '../src/weight-action.ts';

onBackend(cpu());

const geometry = { height: 5, width: 6, inputs: 2, outputs: 3, kernel: [3, 3] as const };
const action = convAction(geometry);
const vectors = (): { readonly u: Tensor; readonly v: Tensor } => ({
  u: drawNormal(key(1), action.outputs),
  v: drawNormal(key(2), action.inputs),
});

it('`largestByPower` finds the norm to 1 % with the tolerance of validations, and never exceeds the certified norm', () =>
  scoped(() => {
    const values = Float32Array.from(normals(key(3), 54));
    const weight = tensor(values, [3, 3, 2, 3]);
    const [u, v] = largestByPower(action, weight, vectors(), { tolerance: 1e-5 });
    const sigma = sum(mul(u, action.times(weight, v))).dataSync()[0]!;
    const { lower, upper } = certifiedConvNorm(values, geometry);
    expect(sigma).toBeGreaterThan(0.99 * lower);
    expect(sigma).toBeLessThan(upper * (1 + 1e-5));
  }));

it.each([0, Number.NaN])('`largestByPower` returns the given vectors for a weight of %d', (value) =>
  scoped(() => {
    const given = vectors();
    const [u, v] = largestByPower(action, fill([3, 3, 2, 3], value), given, { tolerance: 1e-3 });
    expect([...u.dataSync()]).toEqual([...given.u.dataSync()]);
    expect([...v.dataSync()]).toEqual([...given.v.dataSync()]);
  }),
);
