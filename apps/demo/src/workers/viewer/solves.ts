import type { SolveCurve } from '../../protocol/viewer.ts';
import type { Model } from './model.ts';
import type { ObservedModel } from './observed-model.ts';
import { labelAt } from './stages.ts';

/**
 * Returns the residuals of each block's solve from data to base, over rows `[n, 2]`. After each solver step, the
 * residual of a row is the residual of its best iterate so far.
 */
export const solvesOf = (model: Model, rows: Float32Array, observed: ObservedModel): readonly SolveCurve[] =>
  observed.solvesOf(model, rows).map(({ records, report: { at, stats } }) => {
    const sorted = records.map(({ residual }) => finite(residual));
    return {
      label: labelAt(model, at),
      median: sorted.map(middle),
      largest: sorted.map((residuals) => residuals.at(-1) ?? 0),
      tolerance: finite(records.at(-1)!.tolerance).at(-1) ?? 0,
      solver: stats.path.join(', then '),
      unconverged: stats.converged.reduce((count, flag) => count + (flag === 0 ? 1 : 0), 0),
    };
  });

/** Returns the finite values in ascending order. */
const finite = (values: Float32Array): Float32Array => values.filter(Number.isFinite).sort();

const middle = (sorted: Float32Array): number => sorted[sorted.length >> 1] ?? 0;
