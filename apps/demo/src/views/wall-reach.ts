import type { WallRequest } from '../protocol/wall.ts';
import { bound, GRID, implicitSlopes, residualSlopes, target, type Slopes } from '../workers/wall/target.ts';

/** What a kind of block can do at these caps: its slopes, and the least that its largest error can be. */
export interface Reach {
  readonly slopes: Slopes;
  readonly bound: number;
}

/** What a request comes to, before anything is fitted. */
export interface Outlook {
  /** The function on the grid. */
  readonly wanted: readonly number[];
  readonly implicit: Reach;
  readonly residual: Reach;
}

/** Worked out once for a request: it is asked for with every curve that arrives. */
export const outlookOf = (request: WallRequest): Outlook => {
  const known = outlooks.get(request);
  if (known !== undefined) return known;
  const reach = (slopes: Slopes): Reach => ({ slopes, bound: bound(request, slopes) });
  const outlook = { wanted: Array.from(GRID, target(request)), implicit: reach(implicitSlopes(request.coeff)), residual: reach(residualSlopes(request.coeff)) };
  outlooks.set(request, outlook);
  return outlook;
};
const outlooks = new WeakMap<WallRequest, Outlook>();
