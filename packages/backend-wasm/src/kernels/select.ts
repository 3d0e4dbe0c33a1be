import { Cast, Select, upcastType, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { runOther } from './other.ts';

/**
 * Computes `condition ? t : e`, the kernel of `where`. `t` and `e` have the same shape. The condition has this shape,
 * or its leading dimensions. tfjs's own kernel is wrong in three cases: it reads booleans as floats, mixes bytes if `t`
 * and `e` have different types, and repeats an element if a condition applies to a row.
 */
export const select: WasmKernel = {
  name: Select,
  run: ({ machine, inputs, stock }) => {
    const { condition, t, e } = inputs as Readonly<Record<'condition' | 't' | 'e', TensorInfo>>;
    const dtype = upcastType(t.dtype, e.dtype);
    if (condition.dtype !== 'bool' || dtype === 'string' || dtype === 'complex64') return stock();
    const count = util.sizeFromShape(condition.shape),
      size = util.sizeFromShape(t.shape);
    const casts: TensorInfo[] = [];
    const as = (x: TensorInfo): TensorInfo => {
      if (x.dtype === dtype) return x;
      const cast = runOther(machine, Cast, { x }, { dtype });
      casts.push(cast);
      return cast;
    };
    const sides = [as(t), as(e)];
    const out = machine.output(t.shape, dtype);
    const [then, otherwise] = sides.map(machine.address);
    const at = machine.address(condition),
      to = machine.address(out);
    const bytes = dtype === 'bool' ? 1 : 4;
    if (count === size && bytes === 4) machine.call.select4(at, then!, otherwise!, to, size);
    else if (size > 0) machine.call.selectRuns(at, then!, otherwise!, to, count, (size / count) * bytes);
    for (const { dataId } of casts) machine.backend.disposeData(dataId);
    return out;
  },
};
