import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/**
 * Compares the new iterate of each sample with its best iterate so far, keeps the better of the two iterates, and
 * decides whether the solve of the sample continues.
 */
export const progress: WasmKernel = {
  name: 'ImpflowProgress',
  run: ({ machine: { call, address, output }, inputs, attrs }) => {
    const { active, value, residual, latest, limit, nextValue, nextResidual } = inputs as Record<
      'active' | 'value' | 'residual' | 'latest' | 'limit' | 'nextValue' | 'nextResidual',
      TensorInfo
    >;
    const { atol, rtol } = attrs as Readonly<Record<'atol' | 'rtol', number>>;
    const each = residual.shape;
    const [best, norm, tolerance, last, going] = [
      output(value.shape),
      output(each),
      output(each),
      output(each),
      output(each, 'bool'),
    ];
    call.progress(
      address(active),
      address(value),
      address(residual),
      address(latest),
      address(limit),
      address(nextValue),
      address(nextResidual),
      address(best),
      address(norm),
      address(tolerance),
      address(last),
      address(going),
      atol,
      rtol,
      each[0]!,
      util.sizeFromShape(value.shape.slice(1)),
    );
    return [best, norm, tolerance, last, going];
  },
};
