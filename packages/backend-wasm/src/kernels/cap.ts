import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/**
 * Scales a weight `W [m, n]` so that its norm is at most `coeff`. Returns the scaled weight, the norm `u^T W v` before
 * the scaling and the gradient of this norm.
 */
export const cap: WasmKernel = {
  name: 'ImpflowCap',
  run: ({ machine: { call, address, output }, inputs, attrs }) => {
    const { weight, u, v } = inputs as Record<'weight' | 'u' | 'v', TensorInfo>;
    const { coeff } = attrs as { readonly coeff: number };
    const [m, n] = weight.shape as [number, number];
    const [scaled, sigma, slope] = [output(weight.shape), output([1, 1]), output(weight.shape)];
    call.cap(address(weight), address(u), address(v), address(scaled), address(sigma), address(slope), coeff, m, n);
    return [scaled, sigma, slope];
  },
};

/**
 * Converts the gradient with respect to a capped weight into the gradient with respect to the original weight. Reads
 * the norm from the memory of the module, so no read-back is needed.
 */
export const capGradient: WasmKernel = {
  name: 'ImpflowCapGradient',
  run: ({ machine: { call, address, output }, inputs, attrs }) => {
    const { direct, weight, slope, sigma } = inputs as Record<'direct' | 'weight' | 'slope' | 'sigma', TensorInfo>;
    const { coeff } = attrs as { readonly coeff: number };
    const out = output(weight.shape);
    call.capGradient(
      address(direct),
      address(weight),
      address(slope),
      address(sigma),
      address(out),
      coeff,
      util.sizeFromShape(weight.shape),
    );
    return out;
  },
};
