import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/**
 * Computes `log det(I + J)` of each sample and its gradient, from the products of the Jacobian `J` with the unit
 * vectors.
 */
export const logDet: WasmKernel = {
  name: 'ImpflowLogDet',
  run: ({ machine: { call, address, output, scratch }, inputs }) => {
    const { tangents } = inputs as Record<'tangents', TensorInfo>;
    const [d, batch] = tangents.shape as [number, number, number];
    const [value, gradient] = [output([batch]), output(tangents.shape)];
    call.logDet(address(tangents), address(value), address(gradient), scratch(16 * d * (d + 1)), batch, d);
    return [value, gradient];
  },
};
