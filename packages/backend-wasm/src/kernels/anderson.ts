import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/**
 * Smallest dimension at which a SIMD vector contains four numbers of one sample. In lower dimensions a vector contains
 * one number of each of four samples.
 */
const LONG = 48;

/** Adds the last step to the history of Anderson acceleration. Returns the new history and the next iterate. */
export const anderson: WasmKernel = {
  name: 'ImpflowAnderson',
  run: ({ machine: { call, address, output, scratch }, inputs, attrs }) => {
    const { y, gap, lastY, lastGap, values, gaps } = inputs as Record<'y' | 'gap' | 'lastY' | 'lastGap', TensorInfo> &
      Partial<Record<'values' | 'gaps', TensorInfo>>;
    const { memory, damping, regularization } = attrs as Readonly<
      Record<'memory' | 'damping' | 'regularization', number>
    >;
    const [batch, d] = y.shape as [number, number];
    const held = values?.shape[1] ?? 0;
    const k = Math.min(memory, held + 1);
    const [newValues, newGaps, next] = [output([batch, k, d]), output([batch, k, d]), output([batch, d])];
    const [step, bytes] =
      d < LONG ? [call.andersonLanes, 16 * (2 * d * (k + 1) + k * (k + 1))] : [call.andersonRows, 8 * k * (k + 1)];
    step(
      address(y),
      address(gap),
      address(lastY),
      address(lastGap),
      values === undefined ? 0 : address(values),
      gaps === undefined ? 0 : address(gaps),
      address(newValues),
      address(newGaps),
      address(next),
      scratch(bytes),
      batch,
      d,
      held,
      k,
      damping,
      regularization,
    );
    return [newValues, newGaps, next];
  },
};
