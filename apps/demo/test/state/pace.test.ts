import { describe, expect, it } from 'vitest';
import { AGE_MS, DETAILS, FINEST, firstPace, paced, restAfter, type Pace } from '../../src/state/pace.ts';

const after = (pace: Pace, ...times: readonly number[]): Pace => times.reduce(paced, pace);

describe('the pace of updates', () => {
  it('on a fast machine pictures get finer, up to the second finest detail during training', () => {
    expect(after(firstPace, ...Array.from({ length: 20 }, () => 20))).toEqual({ detail: FINEST - 1, yielding: false });
    expect(DETAILS.map(({ side, rows }) => side * side + rows)).toEqual(
      DETAILS.map(({ side, rows }) => side * side + rows).sort((a, b) => a - b),
    );
  });

  it('the detail of pictures does not change if an update takes a medium time', () => {
    const pace = { detail: 3, yielding: false };
    expect(after(pace, 100, 200, 290)).toEqual(pace);
  });

  it('on a slow machine pictures first get coarser; then training pauses during updates until updates are quick', () => {
    const slow = after({ detail: 5, yielding: false }, 400);
    expect(slow).toEqual({ detail: 4, yielding: false });
    const slower = after(slow, 400, 400, 400, 400);
    expect(slower).toEqual({ detail: 0, yielding: false });
    expect(after(slower, 400)).toEqual({ detail: 0, yielding: true });
    expect(after(slow, 900, 900, 900)).toEqual({ detail: 1, yielding: true });
    const yielding = after(slower, 400);
    expect(after(yielding, 200)).toEqual({ detail: 0, yielding: true });
    expect(after(yielding, 140)).toEqual({ detail: 0, yielding: false });
    expect(after(yielding, 50)).toEqual({ detail: 1, yielding: false });
  });

  it('if an update takes less than half a second, no shown picture is older than a second', () => {
    for (let took = 1; took < AGE_MS / 2; took++) {
      for (const waited of [0, took / 2]) {
        for (const share of [2, 7]) {
          const rest = restAfter(took, waited, share);
          expect(rest).toBeGreaterThanOrEqual(30);
          expect(rest).toBeLessThanOrEqual(Math.max(30, share * (took - waited)));
          // Age of a picture at the moment when the next picture replaces it.
          expect(2 * took - waited + rest).toBeLessThanOrEqual(AGE_MS + 30);
        }
      }
    }
    expect(restAfter(10, 0, 7)).toBe(70);
    expect(restAfter(40, 30, 7)).toBe(70);
    expect(restAfter(5000, 0, 7)).toBe(30);
  });
});
