import { vjpByTape, registerGradients, valueAndGradients } from '@impflow/core';
// oxlint-disable-next-line import/no-unassigned-import -- imported for what it registers
import '@tensorflow/tfjs-backend-cpu';
import { cos, engine, memory, ones, setBackend, sum, tensor1d, tidy, variable } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

// This test has its own file, because gradients stay registered until the process ends.
it('before `registerGradients`, a gradient throws an error with a hint and leaks no tensor; afterwards it works', async () => {
  await setBackend('cpu');
  const x = variable(tensor1d([0.5]));
  const before = memory().numTensors;
  for (const gradient of [
    () => valueAndGradients(() => sum(cos(x)), { x }),
    () => vjpByTape(() => cos(x), [x], ones([1])),
  ]) {
    expect(() =>
      tidy(() => {
        gradient();
      }),
    ).toThrow(
      /^\[core\/gradients\] TensorFlow\.js has no gradient of (Sum|Cos)\. Call await registerGradients\(\) of @impflow\/core first/,
    );
    expect([memory().numTensors, engine().state.activeTape]).toEqual([before, null]);
  }
  await registerGradients();
  expect(tidy(() => valueAndGradients(() => sum(cos(x)), { x }).gradients['x']!.dataSync()[0])).toBeCloseTo(
    -Math.sin(0.5),
    6,
  );
});
