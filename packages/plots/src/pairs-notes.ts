import { isInside } from './domain.ts';
import { cutsRest, LEAST_NUMBERS } from './levels.ts';
import type { Other } from './others.ts';
import { hasLevels, trainingOf, type LevelColumn, type PlotColumn, type Ranged } from './plot-column.ts';
import { shownRows } from './shown-rows.ts';

/** What a picture of pairs shows. */
interface Shown {
  readonly columns: readonly PlotColumn[];
  readonly matrix: readonly Ranged[];
  readonly shown: readonly Other[];
  readonly others: readonly Other[];
  readonly colors: LevelColumn | undefined;
}

/** Returns sentences that say how to read a picture of pairs, and what it does not show. */
export const pairsNotes = (picture: Shown): readonly string[] => {
  const { columns, matrix, shown, others, colors } = picture;
  const numbers = columns.filter((column) => !hasLevels(column)).length;
  const left = others.slice(shown.length).map((other) => ('column' in other ? other.column.name : other.name));
  const isMatrix = matrix.length > 0;
  const hasBoxes = colors !== undefined && (isMatrix || shown.some((other) => 'by' in other));
  return [
    ...(isMatrix ? [scatterNote(columns[0]!), 'Above the diagonal, the axes of a pair are swapped.'] : []),
    ...(isMatrix && columns[0]!.training !== undefined ? ['Pale points: training rows.'] : []),
    ...(isMatrix || shown.some((other) => 'domain' in other && !('by' in other))
      ? ['Histograms: shares of rows; data and model have the same area.']
      : []),
    ...(isMatrix && colors !== undefined ? [`Colors: ${colors.name}.`] : []),
    ...(hasBoxes
      ? [`By ${colors.name}: median, central 50 % and 90 %; fewer than ${LEAST_NUMBERS} rows as points.`]
      : []),
    ...(shown.some((other) => 'levels' in other)
      ? ['Black lines: one standard error of the share in the data, and of the share in the draws.']
      : []),
    ...(shown.some((other) => 'levels' in other && cutsRest(other))
      ? ['Cut bars: the shares in the data and in the model are written.']
      : []),
    ...(columns[0]!.training !== undefined && columns.some(hasLevels)
      ? ['Bars by category leave out the training rows.']
      : []),
    ...(numbers > matrix.length && isMatrix
      ? [`The pairs are the ${matrix.length} of ${numbers} columns of numbers that depend most on each other.`]
      : []),
    ...farNote([...matrix, ...shown.filter((other) => 'domain' in other)]),
    ...(left.length === 0 ? [] : [`Not shown: ${listed(left)}.`]),
  ];
};

const count = (number: number): string => number.toLocaleString('en');

/** Returns a sentence with the numbers of points, unless a scatter plot shows all rows. */
const scatterNote = (column: PlotColumn): string => {
  const { data, training, samples } = shownRows(column);
  const rows = data.length + training.length;
  return rows === samples.length
    ? `Each scatter plot shows ${count(rows)} rows of data or ${count(samples.length)} draws.`
    : `Scatter plots show ${count(rows)} rows of data, and ${count(samples.length)} draws.`;
};

/** Largest number of values outside the axes that are listed. */
const LISTED_VALUES = 2;

/** Returns a sentence with the rows of data outside the axes, with their columns and values. */
const farNote = (ranges: readonly Ranged[]): readonly string[] => {
  const far = ranges.flatMap(({ column, domain }) =>
    [column.data, trainingOf(column)].flatMap((cells, part) =>
      Array.from(cells, (value, row) => ({ row: `${part} ${row}`, value, column })).filter(
        ({ value }) => Number.isFinite(value) && !isInside(value, domain),
      ),
    ),
  );
  if (far.length === 0) return [];
  const rows = new Set(far.map(({ row }) => row)).size;
  const values = far.slice(0, LISTED_VALUES).map(({ column, value }) => `${column.name} ${valueText(value, column)}`);
  const more = far.length > LISTED_VALUES ? ', for example' : ':';
  return [`Outside the axes: ${count(rows)} ${rows === 1 ? 'row' : 'rows'}${more} ${values.join(' and ')}.`];
};

/** Writes a value of a column. Dates are in ISO 8601 format. */
const valueText = (value: number, { date }: PlotColumn): string => {
  if (date === undefined) return value.toLocaleString('en', { maximumSignificantDigits: 6 }).replace('-', '−');
  const time = new Date(value * (date === 'days' ? 86_400_000 : 1000));
  return Number.isNaN(time.getTime()) ? String(value) : time.toISOString().slice(0, date === 'days' ? 10 : 16);
};

const LISTED = 8;

/** Returns some names, and the number of the others. */
const listed = (names: readonly string[]): string => {
  const more = names.length - LISTED;
  return more <= 1 ? names.join(', ') : `${names.slice(0, LISTED).join(', ')} and ${count(more)} more columns`;
};
