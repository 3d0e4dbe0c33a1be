import { leastLikelyFirst } from '@impflow/jobs';
import { atMiddle, cellOf, frameOfValues, type ColumnSpec, type Values } from '@impflow/tables';
import { number } from 'impflow/run';
import type { LoadedTable } from '../loaded-table.ts';
import { explained } from '../scores/explained.ts';
import { reasonText } from '../scores/reason-texts.ts';
import { html, htmlPicture, htmlTable, type Section } from './html.ts';

/** Rows that the page shows, without noise. */
export interface ShownRows {
  readonly values: Values;
  /** What the rows are, such as `33 test rows`. */
  readonly name: string;
  /** Origin of the rows. */
  readonly source: string;
  /** Whether the rows are the test rows of the run. */
  readonly isTest: boolean;
  /** Indices of the rows in their file. Default: all rows of the file, or test rows. */
  readonly places?: Uint32Array;
}

/** Returns the section that compares rows with draws of the model. */
export const drawnSection = (
  { density }: LoadedTable,
  { values, name }: ShownRows,
  samples: Values,
  picture: Uint8Array,
): Section => {
  // Values without noise are on the lower ends of their intervals. The middle is what is printed as the cell.
  const shown = atMiddle(values, density.spec.columns);
  return {
    id: 'drawn',
    title: 'Rows and draws of the model',
    body: html`${htmlPicture(picture, `Histograms and pairs of columns: ${name} beside ${number(samples.rows)} draws of the model. The table below has the numbers.`)}
      ${htmlTable(
        `Each column of ${name}, and of ${number(samples.rows)} draws`,
        ['column', 'rows', 'draws'],
        density.spec.columns.map((column, j) => [
          column.name,
          summary(column, shown.columns[j]!),
          summary(column, samples.columns[j]!),
        ]),
      )}
      <p class="soft">Numbers: median (5 % to 95 %). Categories: the most frequent, with their shares.</p>`,
  };
};

/** Number of categories that a summary lists. */
const LISTED = 3;

/** Describes the cells of a column in a few words. */
const summary = (column: ColumnSpec, cells: Float64Array): string => {
  const known = cells.filter((value) => !Number.isNaN(value)).sort();
  if (known.length === 0) return 'no values';
  const text = (value: number): string => textOf(column, value);
  if (column.kind === 'number') {
    const at = (q: number): string => text(known[Math.min(known.length - 1, Math.floor(q * known.length))]!);
    return `${at(0.5)} (${at(0.05)} to ${at(0.95)})`;
  }
  const counts = new Map<number, number>();
  for (const code of known) counts.set(code, (counts.get(code) ?? 0) + 1);
  const first = [...counts].toSorted((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, LISTED);
  return first.map(([code, count]) => `${text(code)} ${Math.round((100 * count) / known.length)} %`).join(', ');
};

const textOf = (column: ColumnSpec, value: number): string => {
  const cell = cellOf(value, column);
  return typeof cell === 'number' ? number(cell) : (cell ?? 'another category');
};

/** Number of rows that the section on the oddest rows lists. */
const ODDEST = 10;

/** A row of the section on the oddest rows. */
export interface OddRow {
  /** Number of the row, counted from 1. */
  readonly row: number;
  readonly pValue: number;
  readonly logDensity: number;
  readonly reason: string;
  /** The cells of the row, as text. */
  readonly cells: string;
}

/** Returns the rows with the lowest densities, with the columns that lower them. */
export const oddestRows = (
  { rows: trained, density }: LoadedTable,
  { values, isTest, places }: ShownRows,
  quiet: boolean,
): readonly OddRow[] => {
  const { columns } = density.spec;
  const read = atMiddle(values, columns);
  const scores = trained.scoreValues(read);
  // A row whose solve failed counts as less likely than all others.
  const compared = scores.values.map((value) => (Number.isNaN(value) ? -Infinity : value));
  const rows = leastLikelyFirst(compared).slice(0, ODDEST);
  const { ofRow } = explained(trained, read, scores.values, {
    frame: frameOfValues(read, columns, 'the rows'),
    quiet,
    most: rows.length,
  });
  return rows.map((row) => ({
    row: (places?.[row] ?? row) + 1,
    // The test rows already contain the row, so it must not be counted twice.
    pValue: isTest ? compared.filter((value) => value <= compared[row]!).length / values.rows : scores.pValues[row]!,
    logDensity: scores.values[row]!,
    reason: reasonText(ofRow.get(row)!),
    cells: columns.map((column, j) => `${column.name} ${textOf(column, read.columns[j]![row]!)}`).join(', '),
  }));
};

/** Returns the section on the rows with the lowest densities. */
export const oddSection = (rows: readonly OddRow[], { name, values, isTest }: ShownRows): Section => {
  const few = rows.filter(({ pValue }) => pValue <= 1 / values.rows).length;
  return {
    id: 'odd',
    title: 'The oddest rows',
    body: html`${htmlTable(
        `The ${number(rows.length)} least likely of ${name}`,
        ['row', 'cells that lower the density', 'p-value', 'log density', 'all cells'],
        rows.map(({ row, pValue, logDensity, reason, cells }) => [
          number(row),
          reason,
          number(pValue, 3),
          number(logDensity),
          cells,
        ]),
        [0, 2, 3],
      )}
      <p class="soft">
        ${isTest ? 'Rows are counted among the test rows. ' : ''}The p-value is the share of the test rows that are at
        most as likely as the row.
        ${
          isTest
            ? ''
            : `Of ${number(values.rows)} rows from the distribution of the training, about one has a p-value of at most ${number(1 / values.rows, 2)}; here ${number(few)} of the listed rows have. `
        }“Typical”
        is the most likely value of a cell given the other cells of its row. The nats are what a draw of the cell would
        add to the log density.
      </p>`,
  };
};
