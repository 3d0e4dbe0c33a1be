import type { WallRequest } from '../protocol/wall.ts';
import { bound, GRID, implicitSlopes, residualSlopes, target, type Slopes } from '../workers/wall/target.ts';

/** What a kind of block can reach with these caps: bounds on its slope, and a lower bound on its largest error. */
interface Reach {
  readonly slopes: Slopes;
  readonly bound: number;
}

/** What can be computed from a request without a fit. */
interface Outlook {
  /** Values of the function on the grid. */
  readonly wanted: readonly number[];
  readonly implicit: Reach;
  readonly residual: Reach;
}

/**
 * Returns what can be computed from a request. The result is cached per request, because it is needed for every new
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
