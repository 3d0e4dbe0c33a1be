import type { WallRequest } from '../protocol/wall.ts';
import { bound, GRID, implicitSlopes, residualSlopes, target, type Slopes } from '../workers/wall/target.ts';

/**
 * Bounds that hold for every block of one kind whose layers have a given Lipschitz bound: bounds on the slope of the
 * block, and a lower bound on its largest error.
 */
interface Reach {
  readonly slopes: Slopes;
  readonly bound: number;
}

/** Results that follow from a request without a fit. */
interface Outlook {
  /** Values of the function at the grid points. */
  readonly wanted: readonly number[];
  readonly implicit: Reach;
  readonly residual: Reach;
}

/**
 * Returns the results that follow from a request without a fit. The results are cached per request, because every new
 * curve needs the results again.
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
