import type { WallRequest } from '../protocol/wall.ts';
import { bound, GRID, implicitSlopes, residualSlopes, target, type Slopes } from '../workers/wall/target.ts';

/**
 * The abilities of a kind of block, for a given Lipschitz bound of its layers: bounds on its slope, and a lower bound
 * on its largest error.
 */
interface Reach {
  readonly slopes: Slopes;
  readonly bound: number;
}

/** Results for a request that need no fit. */
interface Outlook {
  /** Values of the function at the grid points. */
  readonly wanted: readonly number[];
  readonly implicit: Reach;
  readonly residual: Reach;
}

/**
 * Returns the results that need no fit. The results are cached per request, because they are needed for every new
 * curve.
 */
export const outlookOf = (request: WallRequest): Outlook => {
  const known = outlooks.get(request);
  if (known !== undefined) return known;
  const reach = (slopes: Slopes): Reach => ({ slopes, bound: bound(request, slopes) });
  const outlook = {
    wanted: Array.from(GRID, target(request)),
    implicit: reach(implicitSlopes(request.coeff)),
    residual: reach(residualSlopes(request.coeff)),
  };
  outlooks.set(request, outlook);
  return outlook;
};
const outlooks = new WeakMap<WallRequest, Outlook>();
