import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/**
 * Scales a weight `[m, n]` to a norm of at most `coeff`. Returns it, its norm `u^T W v` and the gradient of the norm.
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
 * Converts the gradient of a capped weight into the gradient of the weight. Reads the norm from memory, without a
 * read-back.
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
