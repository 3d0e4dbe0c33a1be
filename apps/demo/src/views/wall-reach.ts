import type { WallRequest } from '../protocol/wall.ts';
import { bound, GRID, implicitSlopes, residualSlopes, target, type Slopes } from '../workers/wall/target.ts';

/** Limits of a kind of block at these caps: its slopes, and a bound that its largest error cannot go below. */
interface Reach {
  readonly slopes: Slopes;
  readonly bound: number;
}

/** What is known about a request before any fit. */
interface Outlook {
  /** Values of the function on the grid. */
  readonly wanted: readonly number[];
  readonly implicit: Reach;
  readonly residual: Reach;
}

/** Cached per request: every new curve needs it. */
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
