import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/**
 * The first allocation of scratch memory is large enough for a search with this number of steps. Few matrices need more
 * steps.
 */
const ROOM = 48;

/** Computes the leading singular vectors of a weight. For a zero weight, returns the given vectors. */
export const largestSingular: WasmKernel = {
  name: 'ImpflowLargestSingular',
  run: ({ machine: { backend, call, address, output, scratch }, inputs, attrs }) => {
    const { weight, u, v } = inputs as Record<'weight' | 'u' | 'v', TensorInfo>;
    const { tolerance, iterations } = attrs as Readonly<Record<'tolerance' | 'iterations', number>>;
    const [rows, columns] = weight.shape as [number, number];
    const steps = Math.min(rows + 1, columns, iterations);
    const [newU, newV] = [output(u.shape), output(v.shape)];
    const even = (n: number): number => n + (n % 2);
    const bidiagonalise = (room: number): number => {
      const numbers = room * even(rows) + (room + 1) * even(columns) + 7 * (room + 1);
      return call.largestSingular(
        address(weight),
        address(v),
        address(newU),
        address(newV),
        scratch(8 * numbers),
        rows,
        columns,
        steps,
        room,
        tolerance,
      );
    };
    let found = bidiagonalise(Math.min(steps, ROOM));
    if (found < 0) found = bidiagonalise(steps);
    if (found === 0)
      for (const [from, to] of [
        [u, newU],
        [v, newV],
      ] as const)
        backend.typedArrayFromHeap(to).set(backend.typedArrayFromHeap(from));
    return [newU, newV];
  },
};
