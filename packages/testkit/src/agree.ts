import type { SolveEnd } from '@impflow/core';
import { expect } from 'vitest';

/** Options of {@link expectAgreement}. */
interface Agreement {
  /** Description of the numbers, for the message. */
  readonly what: string;
  /** Numbers per row. Default 1. */
  readonly width?: number;
  /** Largest difference that is accepted. Default 0: the numbers must be equal, and NaN equals NaN. */
  readonly tolerance?: number;
  /** Returns whether a row is skipped. Default: no row. */
  readonly except?: (row: number) => boolean;
}

/**
 * Checks that the numbers of `got` and `wanted` agree. The message of a failure contains the largest difference and its
 * row.
 *
 * @remarks The comparison of vitest is slow, and it would print all numbers of `got` and `wanted`: thousands of lines
 *   for a batch.
 */
export const expectAgreement = (
  got: ArrayLike<number>,
  wanted: ArrayLike<number>,
  { what, width = 1, tolerance = 0, except = () => false }: Agreement,
): void => {
  if (got.length !== wanted.length) expect.fail(`${what}: expected ${wanted.length} numbers, got ${got.length}.`);
  let [largest, at, off, compared] = [0, 0, 0, 0];
  for (let i = 0; i < wanted.length; i++) {
    if (except(Math.floor(i / width))) continue;
    compared++;
    const gap = apart(got[i]!, wanted[i]!);
    if (gap > tolerance) off++;
    if (gap > largest) [largest, at] = [gap, i];
  }
  if (off === 0) return;
  const place = `row ${Math.floor(at / width)}${width === 1 ? '' : `, entry ${at % width}`}`;
  const bound = tolerance === 0 ? 'exactly' : `within ${tolerance}`;
  expect.fail(
    `${what}, ${place}: expected ${wanted[at]} ${bound}, got ${got[at]}. The difference ${largest} is the ` +
      `largest; ${off} of ${compared} numbers differ.`,
  );
};

/** Returns the absolute difference of two numbers: 0 if both are NaN, infinite if one of them is NaN. */
const apart = (a: number, b: number): number => {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  const gap = Math.abs(a - b);
  return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap;
};

/**
 * Checks that every sample converged. The message of a failure contains the status, the largest residual and its row.
 */
export const expectConverged = (
  { status, stats: { solver, steps, residual, converged } }: SolveEnd,
  what: string,
): void => {
  const undone = [...converged.keys()].filter((row) => converged[row] !== 1);
  if (status === 'converged' && undone.length === 0) return;
  // A NaN counts as the largest residual.
  const size = (row: number): number => (Number.isNaN(residual[row]!) ? Number.POSITIVE_INFINITY : residual[row]!);
  const worst = undone.reduce((most, row) => (size(row) > size(most) ? row : most), undone[0] ?? 0);
  expect.fail(
    `${what}: expected converged, got ${status} after ${steps} steps of "${solver}". The largest residual is ` +
      `${residual[worst]} in row ${worst}; ${undone.length} of ${converged.length} rows have not converged.`,
  );
};
