import { fold, uniforms, type Key } from '@impflow/core';
import { gapsOf } from '../columns/gaps.ts';
import { pickValues } from '../columns/pick-values.ts';
import type { Values } from '../columns/values.ts';
import type { RecordFlow } from './record-flow.ts';
import { weightedDraws, type KeepRows } from './weighted-draws.ts';

/** Options of {@link impute}. */
export interface ImputeOptions {
  /** Number of completed copies of each row with missing cells, at least one. */
  readonly draws: number;
  /** Key of the random numbers. */
  readonly key: Key;
  /** Whether log-densities are estimates: see `isEstimated`. */
  readonly estimated: boolean;
  /**
   * Index of the first row among all rows. Use this option to fill rows in several calls with the same draws as in a
   * single call. Default 0.
   */
  readonly first?: number;
  /**
   * Returns which completed copies are allowed. A row without an allowed copy is in `left`. Default: all copies are
   * allowed.
   */
  readonly keep?: KeepRows;
}

/** Result of `impute`: completed copies of the rows, in which no cell is missing. */
export interface Imputed {
  /** Index of the row from which each completed copy was made, `[copies]`. A row without missing cells occurs once. */
  readonly row: Uint32Array;
  /** For each completed copy, the number of its draw among the draws of its row, counted from 0, `[copies]`. */
  readonly draw: Uint32Array;
  /** The completed copies of the rows. Numbers of a column with a resolution contain noise. */
  readonly values: Values;
  /** Number of rows with missing cells. */
  readonly gaps: number;
  /**
   * Fraction of the proposals that the Markov chains accepted, over all rows with missing cells. Exact draws count as
   * accepted. NaN if no row has missing cells.
   */
  readonly acceptance: number;
  /**
   * Effective number of independent draws among the proposals of a row, `(sum w)^2 / sum w^2` for the importance
   * weights `w`. The field contains the minimum over all rows. NaN if no row has proposals, for example if the draws
   * for all rows are exact.
   */
  readonly smallestEffective: number;
  /**
   * Indices of the rows that could not be completed, because a condition is missing or the density of the known cells
   * is 0.
   */
  readonly left: readonly number[];
}

/** Number of proposals of a Markov chain before the first kept draw, and between two kept draws. */
const CHAIN = { before: 40, between: 10 } as const;
/** Factor of the number of proposals if only some completed copies are allowed. */
const KEPT = 10;
/** Number of rows that are completed in one batch. */
const ROWS = 64;

/**
 * Fills missing cells by draws from their density given the known cells. For each row, a Markov chain accepts or
 * rejects independent proposals by the rule of Metropolis and Hastings. If only categories are missing in a row, with
 * at most 128 combinations, the draws are exact. Only categories that training saw are drawn. Rows without missing
 * cells are returned unchanged. The draws for a row depend only on the key, the index of the row and its cells.
 *
 * @remarks For a row with missing cells, `40 + 10 draws` log-densities are computed. With `keep`, ten times as many are
 * computed, and the draws are chosen among the allowed proposals with probabilities proportional to their weights.
 * @see Hastings, Monte Carlo sampling methods using Markov chains and their applications, 1970; Rubin, Multiple
 * Imputation for Nonresponse in Surveys, 1987.
 */
export const impute = (
  model: RecordFlow,
  values: Values,
  { draws, key, estimated, keep, first: before = 0 }: ImputeOptions,
): Imputed => {
  const proposals = (keep === undefined ? 1 : KEPT) * (CHAIN.before + CHAIN.between * draws);
  const out: { row: number; draw: number; cells: readonly number[] }[] = [];
  const left: number[] = [];
  let [gaps, accepted, steps, smallest] = [0, 0, 0, Infinity];
  for (let first = 0; first < values.rows; first += ROWS) {
    const rows = Uint32Array.from({ length: Math.min(ROWS, values.rows - first) }, (_, i) => first + i);
    const open = rows.filter((row) => gapsOf(values, model.layout, row).length > 0);
    const found = weightedDraws(model, pickValues(values, open), {
      draws: proposals,
      keyOf: (i) => fold(fold(key, before + open[i]!), 0),
      estimated,
      unseen: false,
      ...(keep === undefined ? {} : { keep }),
    });
    for (const row of rows) {
      const place = open.indexOf(row);
      if (place < 0) {
        out.push({ row, draw: 0, cells: values.columns.map((column) => column[row]!) });
        continue;
      }
      gaps++;
      const weighted = found[place];
      if (weighted === undefined || effective(weighted.logWeights) === 0) {
        left.push(row);
        continue;
      }
      const chain = chainOf(
        weighted.logWeights,
        draws,
        fold(fold(key, before + row), 1),
        weighted.exact || keep !== undefined,
      );
      accepted += chain.accepted;
      steps += chain.steps;
      if (!weighted.exact) smallest = Math.min(smallest, effective(weighted.logWeights));
      chain.kept.forEach((at, draw) =>
        out.push({ row, draw, cells: weighted.values.columns.map((column) => column[at]!) }),
      );
    }
  }
  return {
    row: Uint32Array.from(out, ({ row }) => row),
    draw: Uint32Array.from(out, ({ draw }) => draw),
    values: {
      rows: out.length,
      columns: values.columns.map((_, j) => Float64Array.from(out, ({ cells }) => cells[j]!)),
      remarks: values.remarks,
    },
    gaps,
    acceptance: steps === 0 ? NaN : accepted / steps,
    smallestEffective: smallest === Infinity ? NaN : smallest,
    left,
  };
};

interface Chain {
  /** The index of each kept draw among the proposals. */
  readonly kept: readonly number[];
  readonly accepted: number;
  readonly steps: number;
}

const chainOf = (logWeights: Float64Array, draws: number, key: Key, byWeight: boolean): Chain => {
  // If the proposals are all possible combinations, each once, drawing a proposal with a probability proportional to
  // its weight is exact. A chain could start at copies that are not allowed, so these draws are chosen in this way too.
  if (byWeight) {
    const pick = pickBy(logWeights);
    return {
      kept: Array.from({ length: draws }, (_, i) => pick(uniforms(fold(key, i), 1)[0]!)),
      accepted: draws,
      steps: draws,
    };
  }
  const u = uniforms(key, logWeights.length);
  const kept: number[] = [];
  let [at, accepted] = [0, 0];
  for (let i = 1; i < logWeights.length; i++) {
    const ratio = logWeights[i]! - logWeights[at]!;
    if (logWeights[at] === -Infinity || Math.log(u[i]!) < ratio) {
      at = i;
      accepted++;
    }
    if (i >= CHAIN.before && (i - CHAIN.before) % CHAIN.between === CHAIN.between - 1) kept.push(at);
  }
  return { kept, accepted, steps: logWeights.length - 1 };
};

/** Returns a function that returns the index of the draw with the share `u` of the total weight before it. */
const pickBy = (logWeights: Float64Array): ((u: number) => number) => {
  const most = largestOf(logWeights);
  let total = 0;
  const sums = logWeights.map((log) => (total += Math.exp(log - most)));
  return (u) => {
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > u * total) high = middle;
      else low = middle + 1;
    }
    return low;
  };
};

const largestOf = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, value), -Infinity);

/** Returns the effective number of independent draws among draws with the weights `w`: `(sum w)^2 / sum w^2`. */
export const effective = (logWeights: Float64Array): number => {
  const most = largestOf(logWeights);
  if (most === -Infinity) return 0;
  let [sum, squares] = [0, 0];
  for (const log of logWeights) {
    const weight = Math.exp(log - most);
    sum += weight;
    squares += weight * weight;
  }
  return (sum * sum) / squares;
};
