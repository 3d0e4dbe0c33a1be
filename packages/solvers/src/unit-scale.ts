import { capabilities, offTape, reshaped, sampleNorm, scoped, sizeOf, type Solution } from '@impflow/core';
import { abs, div, greater, less, logicalAnd, max, mul, onesLike, type Tensor } from '@tensorflow/tfjs-core';
import { select } from './batch-linalg.ts';

/**
 * Returns the norm of each sample of `rhs`, `[B, 1, ..]`, so that tolerances do not depend on the size of a gradient.
 * If the squares in the norm overflow or underflow, returns the largest absolute entry instead. For a sample that is
 * zero or not finite, returns 1. The solver reports a sample that is not finite.
 */
export const unitScaleOf = (rhs: Tensor): Tensor => {
  const norm = sampleNorm(rhs);
  return reshaped(areUsable(norm) ? norm : usableScaleOf(rhs, norm), [
    rhs.shape[0]!,
    ...rhs.shape.slice(1).map(() => 1),
  ]);
};

/**
 * Returns whether every sample can be divided by its norm, which is the usual case. Only on a CPU are the norms read
 * without waiting.
 */
const areUsable = (norm: Tensor): boolean =>
  capabilities().device === 'cpu' && norm.dataSync<'float32'>().every((size) => size > 0 && size < Infinity);

const usableScaleOf = (rhs: Tensor, norm: Tensor): Tensor => {
  const largest = max(abs(reshaped(rhs, [rhs.shape[0]!, sizeOf(rhs.shape.slice(1))])), 1);
  return select(usable(norm), norm, select(usable(largest), largest, onesLike(norm)));
};

/** Returns whether a sample can be divided by `size`. */
const usable = (size: Tensor): Tensor => logicalAnd(greater(size, 0), less(size, Number.POSITIVE_INFINITY));

/**
 * Solves a linear system for `rhs [B, ...event]` with `solveUnit`, which gets right-hand sides of norm 1: divides each
 * sample by its norm, and multiplies its solution by the norm. Records no gradients. The value belongs to the caller.
 */
export const scaledToUnit = (rhs: Tensor, solveUnit: (unit: Tensor) => Solution): Solution => {
  let solution: Solution | undefined;
  const value = offTape(() =>
    scoped(() => {
      const scale = unitScaleOf(rhs);
      solution = solveUnit(div(rhs, scale));
      return mul(solution.value, scale);
    }),
  );
  return { ...solution!, value };
};
