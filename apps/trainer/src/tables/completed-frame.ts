import {
  formattedNumbers,
  pickFrameRows,
  plainColumn,
  type Frame,
  type FrameColumn,
  type RecordFlow,
  type Values,
} from '@impflow/tables';
import type { Completions } from './completions.ts';
import { cellAt, cellOfValue, columnOfCells, type RecordCell } from './frame-cells.ts';

/** Arguments of {@link completedFrame}. */
interface Completed extends Pick<Completions, 'ofRow'> {
  /** The cells of the file. */
  readonly frame: Frame;
  /** The cells of the file as the numbers that the model reads. */
  readonly values: Values;
  readonly density: RecordFlow;
  readonly draws: number;
}

/** Names of the columns that are added before the columns of the file. */
interface Places {
  readonly row: string;
  readonly draw: string;
}

/**
 * Returns the rows of the file with their gaps filled, once for each draw. With more than one draw, the columns `row`
 * and `draw` come first and count from 1. Known cells and columns that are not in the model do not change, except
 * that numbers such as `$1,234.50` become plain numbers in a column that had gaps. Drawn dates are written in ISO format.
 */
export const completedFrame = ({ frame, values, density, draws, ofRow }: Completed): Frame => {
  const total = draws * frame.rows;
  const rows = Uint32Array.from({ length: total }, (_, i) => i % frame.rows);
  const drawOf = (i: number): number => Math.floor(i / frame.rows);
  const specs = density.spec.columns;
  const { columns } = pickFrameRows(frame, rows);
  const completed = columns.map((column) => {
    const j = specs.findIndex(({ name }) => name === column.name);
    const spec = specs[j];
    if (spec === undefined || !values.columns[j]!.some((value, row) => Number.isNaN(value) && ofRow.has(row)))
      return column;
    const filled = (i: number): RecordCell => cellOfValue(ofRow.get(rows[i]!)?.[drawOf(i)]![j] ?? NaN, spec);
    if (spec.kind === 'number' && spec.format !== undefined) {
      const known = formattedNumbers(column, spec.format);
      const numbers = known.map((value, i) => (Number.isNaN(value) ? Number(filled(i) ?? NaN) : value));
      return plainColumn(column.name, numbers, spec.format);
    }
    return columnOfCells(
      column.name,
      Array.from({ length: total }, (_, i) =>
        Number.isNaN(values.columns[j]![rows[i]!]!) ? filled(i) : cellAt(column, i),
      ),
    );
  });
  const places = placesBeside(frame);
  const counted = (name: string, of: (i: number) => number): FrameColumn => ({
    name,
    numbers: Float64Array.from({ length: total }, (_, i) => of(i)),
  });
  return {
    columns: [
      ...(draws === 1 ? [] : [counted(places.row, (i) => rows[i]! + 1), counted(places.draw, (i) => drawOf(i) + 1)]),
      ...completed,
    ],
    rows: total,
    source: frame.source,
    place: (i) => frame.place(rows[i]!),
  };
};

/** Returns names for the columns `row` and `draw` that no column of the file has. */
export const placesBeside = ({ columns }: Frame): Places => {
  const free = (name: string): string => (columns.some((column) => column.name === name) ? free(`${name}_`) : name);
  return { row: free('row'), draw: free('draw') };
};
