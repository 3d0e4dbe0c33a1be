import { mostDependent, mostSeparating } from './choose-columns.ts';
import { ROLE, TINT } from './colors.ts';
import { groupsOf } from './groups.ts';
import { matrixBlock } from './matrix.ts';
import { evenColumns, othersBlock, type Other } from './others.ts';
import { pairsNotes } from './pairs-notes.ts';
import { assertColumns, hasLevels, ranged, type LevelColumn, type PlotColumn } from './plot-column.ts';
import { HEADER, legend, legendLines, renderFigure, type LegendKey, type Part } from './render.ts';
import type { RowNames } from './row-names.ts';
import { abbreviated } from './text.ts';

/** Input of {@link pairsPlot}. */
export interface PairsPlotInput {
  /** The columns. All have the same number of cells. */
  readonly columns: readonly PlotColumn[];
  /** Title of the figure. Default `Columns and pairs of columns`. */
  readonly title?: string;
  /** Text under the title. The text that says what is not shown follows. Default: none. */
  readonly subtitle?: string;
  /** Names of the rows. */
  readonly names?: RowNames;
}

/** Largest number of columns in the matrix of pairs, and of the panels below. */
const MOST = { pairs: 5, others: 12 } as const;
/** Smallest width of the figure. */
const WIDTH = 660;
const LINE = 18;

/**
 * Draws columns and pairs of columns as a PNG: data beside draws of a model. A matrix shows up to five columns of
 * numbers: histograms on the diagonal, scatter plots of the data below, and of as many draws above. The colors of the
 * points are the categories of one column, and a line below the matrix shows the numbers by category. Up to 12 panels
 * below show the other columns. The shares of categories have error bars: one standard error of the share in the data.
 *
 * @remarks Of more than five columns of numbers, the matrix shows those with the largest rank correlations. Of several
 * columns of categories, the colors show the one that separates the numbers best. The range of an axis leaves out far
 * values. The subtitle says which columns are not shown, and lists cells outside the axes. A scatter plot shows at most
 * 600 rows and as many draws, evenly spaced. Gaps are left out.
 * @throws `shape` if there are no columns, or if columns have different lengths.
 */
export const pairsPlot = ({
  columns,
  title = 'Columns and pairs of columns',
  subtitle,
  names: { data = 'data', training = 'training rows', samples = 'draws of the model' } = {},
}: PairsPlotInput): Uint8Array => {
  assertColumns(columns, 'plots/pairsPlot');
  const names = { data, training, samples };
  const categories = columns.filter(hasLevels);
  const numbers = columns.filter((column) => !hasLevels(column));
  const inMatrix = numbers.length < 2 ? [] : mostDependent(numbers, MOST.pairs);
  const colors = mostSeparating(categories, numbers);
  const alone = inMatrix.length === 0 ? numbers[0] : undefined;
  const others: readonly Other[] = [
    ...numbers.filter((column) => !inMatrix.includes(column)).map(ranged),
    ...(alone === undefined || colors === undefined ? [] : [{ ...ranged(alone), by: colors }]),
    ...categories,
  ];
  const matrix = inMatrix.map(ranged);
  const shown = others.slice(0, MOST.others);

  const pairs = matrix.length === 0 ? undefined : matrixBlock(matrix, colors, WIDTH - 10);
  const width = Math.max(WIDTH, (pairs?.width ?? 0) + 10);
  const below = othersBlock(shown, pairs?.columns ?? evenColumns(width, shown.length));
  const keys = keysOf(names, columns[0]!.training !== undefined, pairs === undefined ? undefined : colors, width);
  const top = HEADER.subtitle + 14 + LINE * keys.length;
  const middle = top + (pairs?.height ?? 0);
  return renderFigure({
    width,
    height: middle + below.height + 6,
    title,
    subtitle: [
      ...(subtitle === undefined ? [] : [subtitle]),
      pairsNotes({ columns, matrix, shown, others, colors }).join(' '),
    ]
      .filter((line) => line !== '')
      .join('\n'),
    parts: [
      ...keys.map((element, i): Part => ({ element, x: 8, y: HEADER.subtitle + 14 + LINE * i })),
      ...(pairs?.parts ?? []).map((part) => ({ ...part, y: part.y + top - 8 })),
      ...below.parts.map((part) => ({ ...part, y: part.y + middle })),
    ],
  });
};

/** Returns the lines of the legend. */
const keysOf = (
  names: Required<RowNames>,
  hasTraining: boolean,
  colors: LevelColumn | undefined,
  width: number,
): readonly Element[] => {
  const groups = colors === undefined ? [] : groupsOf(colors);
  const rows: readonly LegendKey[] = [
    { name: names.data, color: ROLE.data, mark: 'box', opacity: TINT.data },
    ...(hasTraining ? [{ name: names.training, color: ROLE.data, mark: 'box', opacity: TINT.training } as const] : []),
    { name: names.samples, color: ROLE.model, mark: 'line' },
  ];
  const dots = groups.map(({ name, color }): LegendKey => ({ name: abbreviated(name, 280), color, mark: 'dot' }));
  return [rows, dots].flatMap((keys) =>
    keys.length === 0 ? [] : legendLines(keys, width - 20).map((line) => legend(line)),
  );
};
