import { fold, key, type Key } from '@impflow/core';
import { gapsOf } from '../columns/gaps.ts';
import { isTargetCategory, isTargetNumber } from '../columns/layout.ts';
import { pickValues } from '../columns/pick-values.ts';
import type { Values } from '../columns/values.ts';
import type { RecordFlow } from './record-flow.ts';
import { rowKeys } from './score.ts';
import { weightedDraws, type WeightedDraws } from './weighted-draws.ts';

/** Result of `explain` for one cell: how much the cell lowers the log-density of its row. */
export interface Reason {
  /** Name of the column. */
  readonly column: string;
  /**
   * Average increase of the log-density of the row, in nats, if this cell is replaced by draws given all other cells.
   * The contribution is large for a cell that does not fit the other cells of the row. The contribution is infinite if
   * the density is 0 only because of this cell, and NaN for a missing cell.
   */
  readonly part: number;
  /**
   * The most likely value of the cell given all other cells of the row, in the encoding of the spec. For a number, this
   * is the most likely value among its draws. The result is NaN if no value is possible.
   */
  readonly typical: number;
  /**
   * Percentile of the cell, given all other cells of the row. For a number, the percentage of the draws that are below
   * the number. For a category, the total probability, in percent, of all categories that are at most as likely as this
   * category. Rounded to whole numbers, because there are few draws, and to tenths for a category. The percentile is NaN
   * for a missing cell.
   */
  readonly percentile: number;
}

/** Number of draws that replace a cell of a column of numbers. */
const DRAWS = 64;
/** Number of rows that are explained in one batch. */
const ROWS = 64;

/**
 * Computes for each row how much the cell of each target column lowers the log-density of the row. New values of the
 * cell are drawn given all other columns, and the change of the log-density is averaged. Conditions have no
 * contribution. If other cells of the row are missing, they are drawn twice: given the known cell of the column, and
 * together with the new values of this cell.
 *
 * @param logDensities `log p` of the rows, `[rows]`. Entries for rows with missing cells are not used.
 * @param options Whether log-densities are estimates: see `isEstimated`.
 * @remarks For each row, 64 log-densities are computed for a column of numbers, and one log-density per category for a
 * column of categories.
 * @returns `[rows][targets]`, in the order of the columns.
 */
export const explain = (
  model: RecordFlow,
  values: Values,
  logDensities: ArrayLike<number>,
  { estimated }: { readonly estimated: boolean },
): readonly (readonly Reason[])[] => {
  const reasons: Reason[][] = Array.from({ length: values.rows }, () => []);
  for (let first = 0; first < values.rows; first += ROWS) {
    const rows = Uint32Array.from({ length: Math.min(ROWS, values.rows - first) }, (_, i) => first + i);
    const own = pickValues(values, rows);
    const open = rows.filter((row) => gapsOf(values, model.layout, row).length > 0);
    const before = Float64Array.from(rows, (row) => logDensities[row]!);
    drawn(model, pickValues(values, open), 0, estimated).forEach((weighted, i) => {
      before[open[i]! - first] = weighted === undefined ? NaN : meanOf(weighted);
    });
    model.spec.columns.forEach((column, j) => {
      if (!isTargetNumber(column) && !isTargetCategory(column)) return;
      const without = { ...own, columns: own.columns.map((cells, k) => (k === j ? cells.map(() => NaN) : cells)) };
      drawn(model, without, j + 1, estimated).forEach((weighted, i) => {
        const cell = own.columns[j]![i]!;
        reasons[first + i]!.push({
          column: column.name,
          ...reasonOf(weighted, j, { cell, logDensity: before[i]!, isCategory: column.kind === 'category' }),
        });
      });
    });
  }
  return reasons;
};

const drawn = (
  model: RecordFlow,
  rows: Values,
  purpose: number,
  estimated: boolean,
): readonly (WeightedDraws | undefined)[] => {
  const keys = rowKeys(rows);
  const keyOf = (row: number): Key => fold(fold(key(2), purpose), keys[row]!);
  return weightedDraws(model, rows, { draws: DRAWS, keyOf, estimated, unseen: true });
};

/**
 * Returns the importance weights of the completions, normalized to the sum 1. Returns undefined if the density of the
 * known cells is 0.
 */
const sharesOf = ({ logWeights }: WeightedDraws): Float64Array | undefined => {
  const most = Math.max(...logWeights);
  if (most === -Infinity) return undefined;
  const weights = logWeights.map((log) => Math.exp(log - most));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
};

/** Returns the mean of the log-densities of the completions, weighted by their normalized importance weights. */
const meanOf = (weighted: WeightedDraws): number =>
  // A completion with weight 0 is skipped, because its log-density may be -Infinity.
  sharesOf(weighted)?.reduce((sum, share, i) => (share > 0 ? sum + share * weighted.logDensities[i]! : sum), 0) ??
  -Infinity;

interface Cell {
  readonly cell: number;
  /** `log p` of the row. For a row with missing cells, the mean of `log p` over its completions. */
  readonly logDensity: number;
  readonly isCategory: boolean;
}

const reasonOf = (
  weighted: WeightedDraws | undefined,
  j: number,
  { cell, logDensity, isCategory }: Cell,
): Omit<Reason, 'column'> => {
  if (weighted === undefined) return { part: NaN, typical: NaN, percentile: NaN };
  const shares = sharesOf(weighted);
  const isGap = Number.isNaN(cell);
  // The density is 0 for every value of this cell, because the other cells of the row are impossible.
  if (shares === undefined) return { part: isGap ? NaN : 0, typical: NaN, percentile: NaN };
  const values = weighted.values.columns[j]!;
  const { typical, below } = isCategory
    ? amongCategories(values, shares, cell)
    : amongNumbers(values, shares, cell, weighted.logDensities);
  const percentile = isCategory ? Math.round(1000 * below) / 10 : Math.round(100 * below);
  return { part: isGap ? NaN : meanOf(weighted) - logDensity, typical, percentile: isGap ? NaN : percentile };
};

interface Place {
  readonly typical: number;
  readonly below: number;
}

const amongNumbers = (values: Float64Array, shares: Float64Array, cell: number, logDensities: Float64Array): Place => {
  let [below, best] = [0, 0];
  shares.forEach((share, i) => {
    if (values[i]! < cell) below += share;
    if (logDensities[i]! > logDensities[best]!) best = i;
  });
  return { typical: values[best]!, below };
};

const amongCategories = (codes: Float64Array, shares: Float64Array, cell: number): Place => {
  const probabilities = new Map<number, number>();
  codes.forEach((code, i) => probabilities.set(code, (probabilities.get(code) ?? 0) + shares[i]!));
  const own = probabilities.get(cell) ?? 0;
  let [below, typical] = [0, NaN];
  for (const [code, probability] of probabilities) {
    if (probability <= own) below += probability;
    if (!(probability <= (probabilities.get(typical) ?? 0))) typical = code;
  }
  return { typical, below };
};
