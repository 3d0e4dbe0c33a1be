import type { Solver } from '@impflow/core';
import { anderson } from './anderson.ts';
import { fixedPoint } from './fixed-point.ts';

/**
 * Returns fallbacks for contractions: {@link anderson}, which is fast, then {@link fixedPoint}, which always converges
 * within about `log(rtol) / log(L)` steps (see `fallbackSteps`).
 */
export const safeguards = (): readonly Solver[] => [anderson(), fixedPoint()];
