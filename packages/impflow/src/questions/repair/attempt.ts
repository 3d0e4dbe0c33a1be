import { fold, key } from '@impflow/core';
import type { Model } from '../../model.ts';
import type { ColumnTypes } from '../../rows/rows-of-frame.ts';
import type { AnyRow } from '../../rows/rows.ts';
import { drawConditions } from './draw-conditions.ts';
import type { Changeable } from './options.ts';
import { slipsOf } from './slips.ts';
import type { RepairOptions } from './types.ts';

/** Functions of a model that `repair` calls, and the types of the cells of the training rows. */
export interface Drawing extends Pick<Model, 'score' | 'impute'> {
  readonly types: ColumnTypes;
}

/** A set of columns, and the most likely row among the tried rows that differ from the given row in these columns. */
export interface Attempt {
  readonly columns: readonly Changeable[];
  readonly cost: number;
  readonly row: AnyRow;
  readonly pValue: number;
  /** `log p` of the most likely draw, in nats. If `row` undoes a slip, its log-density may be {@link SLIP} nats lower. */
  readonly logDensity: number;
}

/**
 * Largest number of nats by which a slip that is undone may be less likely than the most likely draw. A normal density
 * falls by 3 nats at 2.4 standard deviations.
 */
const SLIP = 3;

/** Returns the sum of the costs of columns. */
export const costOf = (columns: readonly Changeable[]): number => columns.reduce((sum, { cost }) => sum + cost, 0);

/**
 * Draws new cells of a set of columns given the other cells, and returns the most likely row. For a single column, the
 * values of {@link slipsOf} are tried too. They explain how the wrong value came about, so the most likely of them wins
 * if it lifts the p-value and is at most {@link SLIP} nats less likely than the most likely draw.
 *
 * @remarks Costs `40 + 11 draws` log-densities.
 */
export const attempt = (
  model: Drawing,
  row: AnyRow,
  columns: readonly Changeable[],
  options: RepairOptions,
): Attempt => {
  const { alpha = 0.05 } = options;
  const drawn = mostLikely(model, drawnRows(model, row, columns, options))!;
  const { name } = columns[0]!.spec;
  const slips =
    columns.length > 1 ? [] : slipsOf(row[name], columns[0]!.spec).map((cell) => ({ ...row, [name]: cell }));
  const slip = mostLikely(model, slips);
  const isSlip = slip !== undefined && slip.pValue > alpha && slip.logDensity >= drawn.logDensity - SLIP;
  return { ...(isSlip ? slip : drawn), columns, cost: costOf(columns), logDensity: drawn.logDensity };
};

type Judged = Pick<Attempt, 'row' | 'pValue' | 'logDensity'>;

const mostLikely = ({ score }: Drawing, rows: readonly AnyRow[]): Judged | undefined => {
  if (rows.length === 0) return undefined;
  return score(rows)
    .map(({ logDensity, pValue }, i): Judged => ({
      row: rows[i]!,
      pValue,
      logDensity: Number.isNaN(logDensity) ? -Infinity : logDensity,
    }))
    .reduce((best, each) => (each.logDensity > best.logDensity ? each : best));
};

const drawnRows = (
  { impute, types }: Drawing,
  row: AnyRow,
  columns: readonly Changeable[],
  { draws = 32, seed = 0 }: RepairOptions,
): readonly AnyRow[] => {
  const empty = columns.filter(({ spec }) => spec.given !== true).map(({ spec }) => [spec.name, null]);
  const emptied: AnyRow = { ...row, ...Object.fromEntries(empty) };
  const conditions = columns.filter(({ spec }) => spec.given === true);
  if (conditions.length === 0) return impute([emptied], { draws, seed })[0]!;
  const drawn = conditions.map(
    ({ spec }, j) => [spec.name, drawConditions(spec, draws, fold(key(seed), j), types)] as const,
  );
  const rows = Array.from({ length: draws }, (_, i) => ({
    ...emptied,
    ...Object.fromEntries(drawn.map(([name, cells]) => [name, cells[i]])),
  }));
  return impute(rows, { seed }).flat();
};
