import { scoped, type RefreshOptions } from '@impflow/core';
import { div, greater, isFinite, logicalAnd, sqrt, square, sum, where, type Tensor } from '@tensorflow/tfjs-core';
import type { WeightAction } from './weight-action.ts';

/**
 * Finds unit vectors `[u, v]` of the largest singular value by power iteration without a read-back, for devices on
 * which a read-back waits for all queued work. For a weight that is zero or not finite, returns the given vectors.
 *
 * @remarks Without a read-back, the number of steps cannot depend on the result. The number is `iterations`, or follows
 * from the tolerance: about 4, 16, 64 and 256 steps for tolerances of 1e-2, 1e-3, 1e-4 and 1e-5. `u^T A v` is a lower
 * bound of the norm. In training this bound follows the norm, but may lag behind the norm.
 */
export const largestByPower = (
  action: Pick<WeightAction, 'times' | 'timesTransposed'>,
  weight: Tensor,
  { u, v }: { readonly u: Tensor; readonly v: Tensor },
  { iterations, tolerance = 1e-3 }: RefreshOptions,
): readonly [Tensor, Tensor] =>
  scoped(() => {
    const count = Number.isFinite(iterations) ? iterations! : Math.ceil(2 ** (2 * Math.log10(0.1 / tolerance)));
    let [nextU, nextV] = [u, v];
    for (let i = 0; i < count; i++) {
      nextV = unit(action.timesTransposed(weight, nextU));
      nextU = unit(action.times(weight, nextV));
    }
    const found = logicalAnd(greater(sum(square(nextU)), 0.5), isFinite(sum(square(nextU))));
    return [where(found, nextU, u), where(found, nextV, v)] as const;
  });

/** Returns `x / |x|`, or NaN for zero. */
const unit = (x: Tensor): Tensor => div(x, sqrt(sum(square(x))));
