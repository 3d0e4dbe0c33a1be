import type { StandardColumn } from './columns.ts';
import { COARSE, EXACT, NEAR, type Dependence } from './dependence.ts';

/** A residual is rounding if it is at most this many times the expected error of rounding. */
const SLACK = 1.25;
/** A pivot below this is a rounding error: the column adds nothing to the columns before it. */
const NOTHING = 1e-12;
/** A column takes part in a relation if its share of the dependent column is above this, in standard deviations. */
const SHARE = 1e-4;

/**
 * Finds the columns that are linear combinations of the columns before them, where conditions come first. A column whose
 * few informative cells could be fitted by chance is not counted.
 *
 * @param columns Standardized columns, in the order of the table. Columns with missing values are ignored.
 * @remarks For `n` rows and `d` columns, `n d^2 / 2 + d^3 / 3` multiplications: a Cholesky factorization of the
 * correlation matrix, which leaves out dependent columns.
 */
export const linearDependences = (
  columns: readonly StandardColumn[],
  kind: 'sum' | 'product',
): readonly Dependence[] => {
  const whole = columns.filter(({ hasGaps }) => !hasGaps);
  const ordered = [...whole.filter(({ given }) => given), ...whole.filter(({ given }) => !given)];
  const basis: { readonly column: StandardColumn; readonly factor: readonly number[]; readonly pivot: number }[] = [];
  return ordered.flatMap((column) => {
    const factor: number[] = [];
    for (const { column: other, factor: own, pivot } of basis) {
      let sum = correlation(column, other);
      for (let k = 0; k < factor.length; k++) sum -= factor[k]! * own[k]!;
      factor.push(sum / pivot);
    }
    const rest = 1 - factor.reduce((sum, value) => sum + value * value, 0);
    const found = column.given || rest > COARSE ** 2 ? undefined : relationOf(column, basis, factor, kind);
    if (found !== undefined) return [found];
    if (rest > NOTHING) basis.push({ column, factor, pivot: Math.sqrt(rest) });
    return [];
  });
};

const correlation = ({ values: a }: StandardColumn, { values: b }: StandardColumn): number => {
  let sum = 0;
  for (let row = 0; row < a.length; row++) sum += a[row]! * b[row]!;
  return sum / a.length;
};

/** Returns the relation of a column to the columns of the basis, if they determine the column. */
const relationOf = (
  column: StandardColumn,
  basis: readonly { readonly column: StandardColumn; readonly factor: readonly number[]; readonly pivot: number }[],
  factor: readonly number[],
  kind: 'sum' | 'product',
): Dependence | undefined => {
  // Back substitution: the coefficients of the regression on the basis.
  const coefficients = [...factor];
  for (let k = basis.length - 1; k >= 0; k--) {
    coefficients[k]! /= basis[k]!.pivot;
    for (let j = 0; j < k; j++) coefficients[j]! -= basis[k]!.factor[j]! * coefficients[k]!;
  }
  const residuals = column.values.map((value, row) =>
    coefficients.reduce((rest, slope, k) => rest - slope * basis[k]!.column.values[row]!, value),
  );
  const freedom = column.informative - basis.length - 1;
  if (freedom < 2) return undefined;
  const squares = residuals.reduce((sum, value) => sum + value * value, 0);
  const residual = Math.sqrt(squares / residuals.length) * Math.sqrt(column.informative / freedom);
  const rounding = Math.hypot(column.rounding, ...coefficients.map((slope, k) => slope * basis[k]!.column.rounding));
  const isFormula =
    residual <= EXACT ||
    (freedom > basis.length + 10 &&
      (residual <= NEAR || (residual <= SLACK * rounding && rounding <= COARSE && residual <= COARSE)));
  if (!isFormula) return undefined;
  const largest = Math.max(...coefficients.map(Math.abs));
  const others = basis
    .filter((_, k) => Math.abs(coefficients[k]!) >= Math.min(largest, Math.max(SHARE, 3 * residual)))
    .map((each) => each.column)
    .toSorted((a, b) => a.place - b.place);
  return {
    name: column.name,
    kind,
    others: others.map(({ name }) => name),
    residual,
    rounding,
    noisy: column.noisy || others.some(({ noisy }) => noisy),
  };
};
