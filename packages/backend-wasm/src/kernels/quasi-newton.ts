import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/** Applies Broyden's good update to the inverse Jacobian of each sample, and computes the next step. */
export const quasiNewton: WasmKernel = {
  name: 'ImpflowQuasiNewton',
  run: ({ machine: { call, address, output, scratch }, inputs }) => {
    const { inverse, dy, dF, image } = inputs as Record<'inverse' | 'dy' | 'dF' | 'image', TensorInfo>;
    const [batch, d] = dy.shape as [number, number];
    const [next, step] = [output(inverse.shape), output(dy.shape)];
    call.broyden(
      address(inverse),
      address(dy),
      address(dF),
      address(image),
      address(next),
      address(step),
      scratch(16 * d * (d + 4)),
      batch,
      d,
    );
    return [next, step];
  },
};
