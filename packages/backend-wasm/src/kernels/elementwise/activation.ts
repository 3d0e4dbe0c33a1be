import type { FusedActivation } from '@impflow/core';
import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../../kernel.ts';
import { SCRATCH_BYTES } from './scratch.ts';

/** Value and slope of an activation in one pass. */
export const activation: WasmKernel = {
  name: 'ImpflowActivation',
  run: ({ machine: { call, address, output, scratch }, inputs, attrs }) => {
    const { a } = inputs as { readonly a: TensorInfo };
    const { activation: which, alpha } = attrs as { readonly activation: FusedActivation; readonly alpha: number };
    const [value, slope] = [output(a.shape), output(a.shape)];
    const [count, pad] = [util.sizeFromShape(a.shape), scratch(SCRATCH_BYTES)];
    switch (which) {
      case 'sin': call.sinSlope(address(a), address(value), address(slope), count, pad); break;
      case 'tanh': call.tanhSlope(address(a), address(value), address(slope), count, pad); break;
      case 'softplus': call.softplusSlope(address(a), address(value), address(slope), count, pad); break;
      case 'elu': call.eluSlope(address(a), address(value), address(slope), count, alpha, 1, alpha, pad); break;
      case 'celu': call.eluSlope(address(a), address(value), address(slope), count, alpha, 1 / alpha, 1, pad); break;
    }
    return [value, slope];
  },
};
