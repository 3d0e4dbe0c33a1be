import { FlowError } from '@impflow/core';
import { Slice, slice_util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { copyStrided, isPlain, merged, placeOf, stridesOf } from './strided.ts';

/**
 * Copies a part of a tensor, in runs of adjacent elements. tfjs's own kernel copies the whole tensor first, and can
 * read beyond its end.
 *
 * @throws `input` if the part is not within the tensor.
 */
export const slice: WasmKernel = {
  name: Slice,
  run: ({ machine, inputs, attrs, stock }) => {
    const { x } = inputs as Record<'x', TensorInfo>;
    const given = attrs as { readonly begin: number[]; readonly size: number[] };
    const [begin, size] = slice_util.parseSliceParams(x, given.begin, given.size) as [number[], number[]];
    if (begin.some((first, axis) => first < 0 || size[axis]! < 0 || first + size[axis]! > x.shape[axis]!)) {
      throw new FlowError('input', 'backend-wasm/Slice', 'The part does not lie within the tensor', {
        expected: `within [${x.shape.join(', ')}]`,
        got: `begin [${begin.join(', ')}], size [${size.join(', ')}]`,
        hint: 'Check begin and size.',
      });
    }
    if (!isPlain(x)) return stock();
    const [from, to] = [stridesOf(x.shape), stridesOf(size)];
    const out = machine.output(size, x.dtype);
    if (
      copyStrided(
        machine,
        x,
        placeOf(begin, from),
        out,
        0,
        merged(size.map((n, axis) => ({ size: n, from: from[axis]!, to: to[axis]! }))),
      )
    )
      return out;
    machine.backend.disposeData(out.dataId);
    return stock();
  },
};
