import { mostDependent, mostSeparating } from './choose-columns.ts';
import { INK } from './colors.ts';
import { isInside } from './domain.ts';
import { groupsOf } from './groups.ts';
import { matrixBlock } from './matrix.ts';
import { othersBlock, type Other } from './others.ts';
import { assertColumns, hasLevels, ranged, type LevelColumn, type PlotColumn, type Ranged } from './plot-column.ts';
import { HEADER, legend, legendLines, renderFigure, type LegendKey, type Part } from './render.ts';
import { abbreviated } from './text.ts';

/** Input of {@link pairsPlot}. */
export interface PairsPlotInput {
  /** The columns. All have the same number of cells. */
  readonly columns: readonly PlotColumn[];
  /** Title of the figure. Default `Columns and pairs of columns`. */
  readonly title?: string;
  /** Text under the title. The text that says what is not drawn follows. Default: none. */
  readonly subtitle?: string;
  /** Names of the data and of the drawn rows, for the legend. Default `data` and `draws`. */
  readonly names?: { readonly data: string; readonly samples: string };
}

/** Largest number of columns in the matrix of pairs, and of the panels below. */
const MOST = { pairs: 5, others: 12 } as const;
/** Smallest width of the figure. */
const WIDTH = 660;
const LINE = 18;

/**
 * Draws columns and pairs of columns as a PNG: data beside rows that a model drew. A matrix shows up to five columns of
 * numbers: histograms on the diagonal, scatter plots of the data below, and of the drawn rows above. The colors of the
 * points are the categories of one column, and a line below the matrix shows the numbers by category. Up to 12 panels
 * below show the other columns.
 *
 * @remarks Of more than five columns of numbers, the matrix shows those with the largest rank correlations. Of several
 * columns of categories, the colors show the one that separates the numbers best. The range of an axis leaves out far
 * values. The subtitle says which columns are not drawn, and counts the rows with cells outside the axes. A scatter
 * plot shows at most 600 points, from evenly spaced rows. Gaps are left out.
 * @throws `shape` if there are no columns, or if columns have different lengths.
 */
export const pairsPlot = ({
  columns,
  title = 'Columns and pairs of columns',
  subtitle,
  names = { data: 'data', samples: 'draws' },
}: PairsPlotInput): Uint8Array => {
  assertColumns(columns, 'plots/pairsPlot');
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
  const below = othersBlock(shown, width);
  const keys = keysOf(names, pairs === undefined ? undefined : colors, width);
  const top = HEADER.subtitle + 14 + LINE * keys.length;
  const middle = top + (pairs?.height ?? 0);
  return renderFigure({
    width,
    height: middle + below.height + 6,
    title,
    subtitle: [
      ...(subtitle === undefined ? [] : [subtitle]),
      notes({ columns, matrix, shown, others, colors, names }).join(' '),
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
  names: { readonly data: string; readonly samples: string },
  colors: LevelColumn | undefined,
  width: number,
): readonly Element[] => {
  const groups = colors === undefined ? [] : groupsOf(colors);
  const dots = groups.map(({ name, color }): LegendKey => ({ name: abbreviated(name, 280), color, mark: 'dot' }));
  return [
    legend([
      { name: names.data, color: INK.blue, mark: 'box', opacity: 0.45 },
      { name: names.samples, color: INK.vermilion, mark: 'line' },
    ]),
    ...(dots.length === 0 ? [] : legendLines(dots, width - 20).map((line) => legend(line))),
  ];
};

/** Returns sentences that say how to read the figure, and what is not drawn. */
const notes = ({
  columns,
  matrix,
  shown,
  others,
  colors,
  names,
}: {
  readonly columns: readonly PlotColumn[];
  readonly matrix: readonly Ranged[];
  readonly shown: readonly Other[];
  readonly others: readonly Other[];
  readonly colors: LevelColumn | undefined;
  readonly names: { readonly data: string; readonly samples: string };
}): readonly string[] => {
  const numbers = columns.filter((column) => !hasLevels(column)).length;
  const left = others.slice(shown.length).map((other) => ('column' in other ? other.column.name : other.name));
  const ranges = [...matrix, ...shown.filter((other) => 'domain' in other)];
  const far = Array.from(columns[0]!.data, (_, row) => row).filter((row) =>
    ranges.some(({ column: { data }, domain }) => Number.isFinite(data[row]) && !isInside(data[row]!, domain)),
  ).length;
  return [
    ...(matrix.length === 0 ? [] : [`Below the diagonal: ${names.data}; above: ${names.samples}.`]),
    ...(matrix.length === 0 || colors === undefined ? [] : [`Colors: ${colors.name}.`]),
    ...(colors === undefined || matrix.length + shown.filter((other) => 'by' in other).length === 0
      ? []
      : [`Bars by ${colors.name}: median, central 50 % and 90 %.`]),
    ...(numbers > matrix.length && matrix.length > 0
      ? [`The pairs are the ${matrix.length} of ${numbers} columns of numbers that depend most on each other.`]
      : []),
    ...(far === 0
      ? []
      : [
          `${far.toLocaleString('en')} of ${columns[0]!.data.length.toLocaleString('en')} rows ${far === 1 ? 'has' : 'have'} far values outside the axes.`,
        ]),
    ...(left.length === 0 ? [] : [`Not drawn: ${listed(left)}.`]),
  ];
};

const LISTED = 8;

/** Returns some names, and the number of the others. */
const listed = (names: readonly string[]): string => {
  const more = names.length - LISTED;
  return more <= 1
    ? names.join(', ')
    : `${names.slice(0, LISTED).join(', ')} and ${more.toLocaleString('en')} more columns`;
};
