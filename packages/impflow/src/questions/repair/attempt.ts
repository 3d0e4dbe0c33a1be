import type { TrainedRecords } from '@impflow/tables';
import type { Model } from '../../model.ts';
import type { ColumnTypes } from '../../rows/rows-of-frame.ts';
import type { AnyRow } from '../../rows/rows.ts';
import { likelyRow } from './likely-row.ts';
import type { Changeable } from './options.ts';
import { slipsOf } from './slips.ts';
import type { RepairOptions } from './types.ts';

/** A model whose rows are repaired. */
export interface Repairing extends Pick<Model, 'score'> {
  readonly trained: TrainedRecords;
  /** Types of the cells of the training rows, by column. */
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
 * Tries new cells for each set of columns, and returns the most likely row of each set. The values of {@link slipsOf} are
 * tried too, for one column of the set at a time. They explain how the wrong value came about, so the most likely of them wins if it
 * lifts the p-value and is at most {@link SLIP} nats less likely than the most likely draw.
 *
 * @remarks Costs `draws` log-densities for each set, and up to seven log-densities for each of its columns.
 */
export const attempts = (
  model: Repairing,
  row: AnyRow,
  sets: readonly (readonly Changeable[])[],
  options: RepairOptions,
): readonly Attempt[] => {
  const { alpha = 0.05 } = options;
  const { trained, types } = model;
  const own = { cells: row, values: trained.read([row]), types };
  const likely = sets.map((columns) =>
    likelyRow(
      trained,
      own,
      columns.map(({ spec }) => spec),
      options,
    ),
  );
  const slips = sets.map((columns, i) => slippedRows(row, likely[i]!, columns));
  const judged = judgedRows(model, [...likely, ...slips.flat()]);
  let next = likely.length;
  return sets.map((columns, i) => {
    const drawn = judged[i]!;
    const first = next;
    next += slips[i]!.length;
    const [slip] = judged.slice(first, next).toSorted(likelierFirst);
    const isSlip = slip !== undefined && slip.pValue > alpha && slip.logDensity >= drawn.logDensity - SLIP;
    return { ...(isSlip ? slip : drawn), columns, cost: costOf(columns), logDensity: drawn.logDensity };
  });
};

type Judged = Pick<Attempt, 'row' | 'pValue' | 'logDensity'>;

/** Compares two rows by their log-densities, which may be infinite. */
export const likelierFirst = (a: Pick<Judged, 'logDensity'>, b: Pick<Judged, 'logDensity'>): number =>
  a.logDensity === b.logDensity ? 0 : b.logDensity - a.logDensity;

const judgedRows = ({ score }: Repairing, rows: readonly AnyRow[]): readonly Judged[] =>
  score(rows).map(({ logDensity, pValue }, i) => ({
    row: rows[i]!,
    pValue,
    logDensity: Number.isNaN(logDensity) ? -Infinity : logDensity,
  }));

/** Returns copies of a drawn row. In each copy, a slip in one of the drawn cells is undone. */
const slippedRows = (row: AnyRow, drawn: AnyRow, columns: readonly Changeable[]): readonly AnyRow[] =>
  columns.flatMap(({ spec }) => slipsOf(row[spec.name], spec).map((cell) => ({ ...drawn, [spec.name]: cell })));
