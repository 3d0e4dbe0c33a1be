import { cpu } from '@impflow/backend-cpu';
import { offTape, scoped, valueAndGradients } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import { greater, mul, sum, tensor1d, variable, where, type Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

onBackend(cpu());

const loss = (x: Tensor, positive: () => Tensor): Tensor => sum(where(positive(), mul(2, x), mul(3, x)));

it('a comparison on the tape is an error that tells how to leave the tape', () =>
  scoped(() => {
    const x = variable(tensor1d([0.5, -0.5]));
    expect(() => valueAndGradients(() => loss(x, () => greater(x, 0)), { x })).toThrow(
      /no gradient of Greater\. The gradients are registered, but .* where\(offTape\(\(\) => greater\(x, 0\)\), a, b\)/,
    );
    x.dispose();
  }));

it('a comparison off the tape is a constant to the gradient', () =>
  scoped(() => {
    const x = variable(tensor1d([0.5, -0.5]));
    const { gradients } = valueAndGradients(() => loss(x, () => offTape(() => greater(x, 0))), { x });
    expect(Array.from(gradients['x']!.dataSync())).toEqual([2, 3]);
    x.dispose();
  }));
