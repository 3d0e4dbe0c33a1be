import { completeRows, gapsOf, pickFrameRows, pickValues, type Frame } from '@impflow/tables';
import type { AnyRow, Cell } from 'impflow';
import { rowsOfFrame } from 'impflow/run';
import type { CellReason, FilledCell, RowScores } from '../../protocol/table.ts';
import { knownColumns, type OpenedModel } from './opened.ts';

/** Number of rows in each list of rows. */
const LISTED = 30;
/** Number of draws from which the values of empty cells are described. */
const DRAWS = 200;
/** Number of categories that the description of an empty cell names. */
const NAMED = 3;

/** The rows of a table as the model accepts them. */
export const rowsFor = (frame: Frame, opened: OpenedModel): readonly AnyRow[] =>
  rowsOfFrame(knownColumns(frame, opened));

/**
 * Scores the rows without empty cells, and lists the rows that are worth a look. A row with empty cells would cost as
 * much as 256 rows without.
 */
export const scoreRows = (frame: Frame, { trained }: OpenedModel): RowScores => {
  const { layout } = trained.density;
  const values = trained.read(frame);
  const complete = completeRows(values, layout);
  const scores = trained.scoreValues(pickValues(values, complete));
  const pValues = new Float64Array(frame.rows).fill(NaN);
  const gaps = Uint16Array.from({ length: frame.rows }, (_, row) => gapsOf(values, layout, row).length);
  complete.forEach((row, i) => (pValues[row] = scores.pValues[i]!));
  const logDensity = (i: number): number => (Number.isNaN(scores.values[i]) ? -Infinity : scores.values[i]!);
  return {
    source: frame.source,
    count: frame.rows,
    pValues,
    gaps,
    // A failed solve counts as the least likely row.
    strangest: Array.from(complete.keys())
      .toSorted((a, b) => logDensity(a) - logDensity(b) || a - b)
      .slice(0, LISTED)
      .map((i) => complete[i]!),
    withGaps: Array.from(gaps.keys())
      .filter((row) => gaps[row]! > 0)
      .slice(0, LISTED),
    remarks: values.remarks,
  };
};

/** Returns the reasons of a row as text, the most expensive cell first. */
export const reasonsOf = ({ model }: OpenedModel, row: AnyRow): readonly CellReason[] =>
  model
    .explain(row)
    .map(({ column, nats, value, usual }) => ({ column, nats, value: textOf(value), usual: textOf(usual) }));

/** Describes what the model draws for the empty cells of a row. */
export const fillsOf = ({ model, columns }: OpenedModel, row: AnyRow): readonly FilledCell[] => {
  const empty = columns.filter(({ name }) => isGap(row[name]));
  if (empty.length === 0) return [];
  const [draws] = model.impute([row], { draws: DRAWS });
  return empty.map(({ name, kind }) => {
    const cells = draws!.map((drawn) => drawn[name]);
    return { column: name, text: kind === 'category' ? sharesText(cells) : middleText(cells, kind === 'date') };
  });
};

const isGap = (cell: Cell): boolean => cell === null || cell === undefined || Number.isNaN(cell);

const sharesText = (cells: readonly Cell[]): string => {
  const counts = new Map<string, number>();
  for (const cell of cells) counts.set(textOf(cell), (counts.get(textOf(cell)) ?? 0) + 1);
  const sorted = [...counts].toSorted(([a, more], [b, less]) => less - more || (a < b ? -1 : 1));
  const named = sorted.slice(0, NAMED).map(([text, count]) => `${text} ${Math.round((100 * count) / cells.length)} %`);
  return `${named.join(', ')}${sorted.length > NAMED ? ', …' : ''}`;
};

const middleText = (cells: readonly Cell[], isDate: boolean): string => {
  const sorted = cells
    .map((cell) => ({ cell, place: isDate ? Date.parse(String(cell)) : Number(cell) }))
    .toSorted((a, b) => a.place - b.place);
  const at = (share: number): string => textOf(sorted[Math.floor(share * (sorted.length - 1))]!.cell);
  return `${at(0.5)} (${at(0.05)} to ${at(0.95)})`;
};

/** Returns a cell as text. A number is rounded to five digits. */
const textOf = (cell: Cell): string => {
  if (isGap(cell)) return '';
  if (typeof cell === 'number') return String(Number.isInteger(cell) ? cell : Number(cell.toPrecision(5)));
  return cell instanceof Date ? cell.toISOString() : String(cell);
};

/** Returns one row of a table as an object. */
export const rowAt = (frame: Frame, opened: OpenedModel, row: number): AnyRow =>
  rowsFor(pickFrameRows(frame, Uint32Array.of(row)), opened)[0]!;
