import { Transpose, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { copyStrided, levelsOf, merged, stridesOf } from './strided.ts';

/**
 * Transposes float32 tensors, by copies of runs or of 4 x 4 blocks. If more than four axes remain after axes are
 * merged, tfjs's own kernel runs. If the order of the axes does not move any element, the result shares the memory of
 * the input.
 */
export const transpose: WasmKernel = {
  name: Transpose,
  run: ({ machine, inputs, attrs, stock }) => {
    const { x } = inputs as Record<'x', TensorInfo>;
    const { perm } = attrs as { readonly perm: readonly number[] };
    if (x.dtype !== 'float32') return stock();
    const shape = perm.map((axis) => x.shape[axis]!);
    if (util.sizeFromShape(shape) === 0) return machine.output(shape);
    const [from, to] = [stridesOf(x.shape), stridesOf(shape)];
    const axes = merged(perm.map((axis, place) => ({ size: shape[place]!, from: from[axis]!, to: to[place]! })));
    if (axes.length <= 1) {
      machine.backend.incRef(x.dataId);
      return { dataId: x.dataId, shape, dtype: x.dtype };
    }
    if (axes.length > 4) return stock();
    const out = machine.output(shape);
    const rows = axes.at(-1)!;
    if (rows.from === 1) {
      copyStrided(machine, x, 0, out, 0, axes);
      return out;
    }
    const columns = axes.find((axis) => axis.from === 1)!;
    const planes = axes.filter((axis) => axis !== rows && axis !== columns);
    machine.call.transpose(
      machine.address(x),
      machine.address(out),
      rows.size,
      4 * rows.from,
      columns.size,
      4 * columns.to,
      ...levelsOf(planes, 2, 4),
    );
    return out;
  },
};
