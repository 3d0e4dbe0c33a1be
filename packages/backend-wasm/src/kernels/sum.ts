import { Sum, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { overEmptyAxis } from './empty-axis.ts';

/** Sums a float32 tensor over adjacent axes, without a transpose. In other cases tfjs's own kernel runs. */
export const sum: WasmKernel = {
  name: Sum,
  run: ({ machine, inputs, attrs, stock }) => {
    const { call, address, output } = machine;
    const { x } = inputs as { readonly x: TensorInfo };
    const { axis, keepDims } = attrs as { readonly axis: number | number[]; readonly keepDims?: boolean };
    const { shape } = x;
    const axes = util.parseAxisParam(axis, shape).sort((p, q) => p - q);
    const first = axes[0] ?? 0,
      last = axes.at(-1) ?? -1;
    if (x.dtype !== 'float32' || axes.length === 0 || last - first !== axes.length - 1)
      return overEmptyAxis(machine, x, { axes, keepDims }, 0) ?? stock();
    let outer = 1,
      reduced = 1,
      inner = 1;
    const kept: number[] = [];
    for (let i = 0; i < shape.length; i++) {
      const length = shape[i]!;
      if (i < first) outer *= length;
      else if (i <= last) reduced *= length;
      else inner *= length;
      if (i < first || i > last) kept.push(length);
      else if (keepDims === true) kept.push(1);
    }
    const out = output(kept);
    call.sum(address(x), outer, reduced, inner, address(out));
    return out;
  },
};
