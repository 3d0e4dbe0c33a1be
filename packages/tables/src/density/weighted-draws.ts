import type { Key } from '@impflow/core';
import { joinedValues } from '../columns/pick-values.ts';
import type { Values } from '../columns/values.ts';
import { approximationOf } from './approximation.ts';
import { completionsOf } from './completions.ts';
import { logDensitiesOf } from './log-densities.ts';
import type { RecordFlow } from './record-flow.ts';

/** Completions of one row: copies whose missing cells are filled by draws, with importance weights. */
export interface WeightedDraws {
  /** The completed copies of the row. */
  readonly values: Values;
  /** `log p` of each completed copy, `[draws]`. The entry is -Infinity if a solve failed. */
  readonly logDensities: Float64Array;
  /**
   * Logarithm of the importance weight `p / q` of each draw, `[draws]`. The logarithm of the mean weight estimates the
   * log-density of the known cells.
   */
  readonly logWeights: Float64Array;
  /** Whether the list contains every possible completion once, so that the sum of the densities is exact. */
  readonly exact: boolean;
  /** Whether the solves of all completions converged. */
  readonly converged: boolean;
}

/** Options of {@link weightedDraws}. */
export interface WeightedDrawsOptions {
  /** Number of completions of a row with missing numbers. */
  readonly draws: number;
  /** Returns the key of the random numbers for row `i`. */
  readonly keyOf: (row: number) => Key;
  /** Whether log-densities are estimates: see `isEstimated`. */
  readonly estimated: boolean;
  /** Whether a missing category may be filled with the code of categories that training did not see. */
  readonly unseen: boolean;
  /** Returns for each completed copy whether it counts: 1, or 0 for a weight of 0. Default: all copies count. */
  readonly keep?: KeepRows;
}

/** Returns 1 for each row that counts, and 0 for the others, `[rows]`. The numbers of the rows may contain noise. */
export type KeepRows = (values: Values) => Uint8Array;

/**
 * Fills the missing cells of rows by draws from an approximation of the density given the known cells, and computes the
 * importance weight of each draw.
 *
 * @remarks For a row with missing numbers, `draws` log-densities are computed. If only categories are missing, all
 * combinations are summed exactly, provided that there are at most 128 combinations.
 * @returns One result per row. The result is undefined if a condition is missing that was never missing in training.
 */
export const weightedDraws = (
  model: RecordFlow,
  values: Values,
  options: WeightedDrawsOptions,
): readonly (WeightedDraws | undefined)[] => {
  const candidates = Array.from({ length: values.rows }, (_, row) =>
    completionsOf(approximationOf(model), values, row, {
      draws: options.draws,
      key: options.keyOf(row),
      enumerate: true,
      wide: true,
      unseen: options.unseen,
    }),
  );
  const parts = candidates.flatMap((candidate) => (candidate === undefined ? [] : [candidate.values]));
  if (parts.length === 0) return candidates.map(() => undefined);
  const { values: densities, converged } = logDensitiesOf(model, model.eventsOf(joinedValues(parts)), options);
  let first = 0;
  return candidates.map((candidate) => {
    if (candidate === undefined) return undefined;
    const { values: completed, logProposal, exact } = candidate;
    const own = Float64Array.from(densities.subarray(first, first + completed.rows), (value) =>
      Number.isNaN(value) ? -Infinity : value,
    );
    const flags = converged.subarray(first, first + completed.rows);
    const counts = options.keep?.(completed);
    first += completed.rows;
    return {
      values: completed,
      logDensities: own,
      // If the density is 0, the weight is 0 for any density of the proposal.
      logWeights: own.map((value, i) =>
        value === -Infinity || counts?.[i] === 0 ? -Infinity : value - logProposal[i]!,
      ),
      exact,
      converged: flags.every((flag) => flag === 1),
    };
  });
};
