import { EluGrad, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../../kernel.ts';
import { SCRATCH_BYTES } from './scratch.ts';

/** Gradient of `elu` from its value `y`: `dy` where `y >= 0`, else `dy (y + 1)`. */
export const eluGrad: WasmKernel = {
  name: EluGrad,
  run: ({ machine: { call, address, output, scratch }, inputs, stock }) => {
    const { dy, y } = inputs as Record<'dy' | 'y', TensorInfo>;
    if (dy.dtype !== 'float32' || y.dtype !== 'float32') return stock();
    const dx = output(y.shape);
    call.eluGrad(address(dy), address(y), address(dx), util.sizeFromShape(y.shape), scratch(SCRATCH_BYTES));
    return dx;
  },
};
