import { cpu } from '@impflow/backend-cpu';
import { pullbacks, recomputing, scoped, valueAndGradients } from '@impflow/core';
import { onBackend, ripple, testContraction } from '@impflow/testkit';
import { memory, mul, square, sum, tensor1d, variable } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

testContraction({ name: 'recomputing a ripple', make: () => recomputing(ripple({ event: [3], slope: 0.8 })), backends: [cpu()] });

onBackend(cpu());

it('pullbacks pair each result with its cotangent, and give zeros where nothing arrives', () => {
  const before = memory().numTensors;
  scoped(() => {
    const [a, b, c] = [tensor1d([1, 2]), tensor1d([3, 4]), tensor1d([5])];
    const gradients = pullbacks(() => [mul(a, b), square(a)], [a, b, c], [tensor1d([1, 10]), tensor1d([2, 3])]);
    // d/da = u b + 2 w a, d/db = u a.
    expect(gradients.map((gradient) => Array.from(gradient.dataSync()))).toEqual([[3 + 4, 40 + 12], [1, 20], [0]]);
  });
  expect(memory().numTensors).toBe(before);
});

it('is a constant to the tape around it', () => {
  const x = variable(tensor1d([3]));
  const { value, gradients } = valueAndGradients(() => sum(mul(x, pullbacks(() => [square(x)], [x], [tensor1d([1])])[0]!)), { x });
  // x 2x, of which the second factor counts as 6.
  expect([value, gradients['x']!].map((tensor) => tensor.dataSync()[0])).toEqual([18, 6]);
  for (const tensor of [x, value, gradients['x']!]) tensor.dispose();
});
