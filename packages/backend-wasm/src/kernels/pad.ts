import { FlowError } from '@impflow/core';
import { PadV2, Slice, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { runOther } from './other.ts';
import { copyStrided, isPlain, merged, placeOf, stridesOf } from './strided.ts';

/**
 * Pads a tensor with a constant. The gradient of `slice` uses this kernel. Negative padding removes elements; tfjs's
 * own kernel would overwrite other tensors.
 *
 * @throws `input` if the padding removes more elements of an axis than the axis has.
 */
export const pad: WasmKernel = {
  name: PadV2,
  run: ({ machine, inputs, attrs, stock }) => {
    const { x } = inputs as Record<'x', TensorInfo>;
    const { paddings, constantValue } = attrs as {
      readonly paddings: readonly (readonly [number, number])[];
      readonly constantValue: number;
    };
    const shape = paddings.map(([before, after], axis) => before + x.shape[axis]! + after);
    if (shape.some((size) => size < 0)) {
      throw new FlowError('input', 'backend-wasm/PadV2', 'Negative padding removes more elements than the tensor has', {
        expected: `at most the shape [${x.shape.join(', ')}]`,
        got: JSON.stringify(paddings),
        hint: 'Check the paddings.',
      });
    }
    if (!isPlain(x)) return stock();
    const skipped = paddings.map(([before]) => Math.max(0, -before));
    const kept = paddings.map(([, after], axis) => Math.max(0, x.shape[axis]! - skipped[axis]! - Math.max(0, -after)));
    const [from, to] = [stridesOf(x.shape), stridesOf(shape)];
    const out = machine.output(shape, x.dtype);
    machine.backend.typedArrayFromHeap(out).fill(constantValue);
    const place = placeOf(
      paddings.map(([before]) => Math.max(0, before)),
      to,
    );
    if (
      copyStrided(
        machine,
        x,
        placeOf(skipped, from),
        out,
        place,
        merged(kept.map((size, axis) => ({ size, from: from[axis]!, to: to[axis]! }))),
      )
    )
      return out;
    machine.backend.disposeData(out.dataId);
    if (paddings.every((sides) => sides.every((side) => side >= 0))) return stock();
    // The tensor has too many axes for the compiled kernel. So this code first slices the tensor, and then pads the
    // slice without negative numbers.
    const part = runOther(machine, Slice, { x }, { begin: skipped, size: kept });
    const padded = runOther(
      machine,
      PadV2,
      { x: part },
      { paddings: paddings.map((sides) => sides.map((side) => Math.max(0, side))), constantValue },
    );
    machine.backend.disposeData(part.dataId);
    return padded;
  },
};
