import { Tile, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/**
 * Repeats a tensor along axes: the kernel of `tile` and `broadcastTo`. This kernel copies blocks; tfjs's own kernel
 * copies single elements. The gradient of batch normalization uses this kernel at every step.
 */
export const tile: WasmKernel = {
  name: Tile,
  run: ({ machine, inputs, attrs, stock }) => {
    const { x } = inputs as Readonly<Record<'x', TensorInfo>>;
    const { reps } = attrs as { readonly reps: readonly number[] };
    const { dtype } = x;
    if (dtype === 'string' || dtype === 'complex64' || reps.length !== x.shape.length) return stock();
    const { address, backend, call, output } = machine;
    let shape = [...x.shape],
      current = x;
    // The loop starts at the last axis. A repetition along an axis of size 1 repeats the block of the next axis, so the
    // repetitions along both axes are merged.
    for (let axis = reps.length - 1; axis >= 0; axis--) {
      let times = reps[axis]!;
      const inner = axis;
      while (axis > 0 && shape[axis - 1] === 1) times *= reps[--axis]!;
      if (times === 1) continue;
      const merged = shape.map((size, i) => (i >= axis && i <= inner ? size * reps[i]! : size));
      const out = output(merged, dtype);
      const count = util.sizeFromShape(shape.slice(0, axis)),
        bytes = util.sizeFromShape(shape.slice(axis)) * (dtype === 'bool' ? 1 : 4);
      call.repeat(address(current), address(out), count, bytes, times);
      if (current !== x) backend.disposeData(current.dataId);
      [shape, current] = [merged, out];
    }
    if (current !== x) return current;
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape, dtype };
  },
};
