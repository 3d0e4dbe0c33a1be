import { FlowError } from '@impflow/core';
import { dot, frame, line, ruleY, type Markish } from '@observablehq/plot';
import { INK } from './colors.ts';
import { quantile } from './quantile.ts';
import { shortened, HEADER, legend, panel, renderFigure } from './render.ts';
import { columnOf, points, widened } from './statistics.ts';

/** Input of {@link pairsPlot}. */
export interface PairsPlotInput {
  /** Names of the `d` columns, with units if any. The names label the axes. */
  readonly columns: readonly string[];
  /** Held-out rows, `[n, d]`. */
  readonly data: Float32Array;
  /** Sampled rows, `[m, d]`. */
  readonly samples: Float32Array;
  /** Title of the figure. Default `Pairwise marginals`. */
  readonly title?: string;
}

const MOST_COLUMNS = 6;
const MOST_POINTS = 600;
const BINS = 24;
const CELL = 168;
const LEFT = 58;
const BOTTOM = 44;

/**
 * Draws the pairwise marginals of data and samples as a PNG: histograms on the diagonal, scatter plots below the
 * diagonal.
 *
 * @remarks Only the first six columns are drawn. The subtitle names the columns that are not drawn. Axes cover the
 * central 99 % of the data and a margin. A scatter plot shows at most 600 points of the data and 600 points of the
 * samples. Points of the data and of the samples are drawn alternately, so that points of one kind do not hide all
 * points of the other kind.
 * @throws `shape` if the last row of an array is incomplete.
 */
export const pairsPlot = ({ columns, data, samples, title = 'Pairwise marginals' }: PairsPlotInput): Uint8Array => {
  const d = columns.length;
  if (d === 0 || data.length % d !== 0 || samples.length % d !== 0) {
    throw new FlowError('shape', 'plots/pairsPlot', 'Wrong rows', {
      expected: `[rows, ${d}]`,
      got: `${data.length} and ${samples.length} values`,
    });
  }
  const shown = columns.slice(0, MOST_COLUMNS);
  const left = columns.slice(MOST_COLUMNS);
  const domains = shown.map((_, i) => domainOf(columnOf(data, d, i)));
  const top = HEADER.subtitle + 26;
  const cell = (row: number, column: number): Element => {
    const [first, last] = [column === 0, row === shown.length - 1];
    const diagonal = row === column;
    return panel({
      width: CELL + LEFT,
      height: CELL + BOTTOM,
      marginLeft: LEFT,
      marginRight: 6,
      marginTop: 6,
      marginBottom: BOTTOM,
      x: {
        domain: domains[column]!,
        axis: last ? 'bottom' : null,
        label: shortened(shown[column]!, CELL),
        labelAnchor: 'center',
        labelArrow: 'none',
        ticks: 4,
      },
      y: diagonal
        ? { axis: null, domain: [0, 1.08] }
        : {
            domain: domains[row]!,
            axis: first ? 'left' : null,
            label: shortened(shown[row]!, CELL),
            labelAnchor: 'center',
            labelArrow: 'none',
            ticks: 4,
          },
      marks: [
        ...(diagonal
          ? histograms(columnOf(data, d, column), columnOf(samples, d, column), domains[column]!)
          : [
              scatter(
                points(data, d, column, row, MOST_POINTS),
                points(samples, d, column, row, MOST_POINTS),
                domains[column]!,
                domains[row]!,
              ),
            ]),
        frame({ stroke: '#999' }),
      ],
    });
  };
  const rows = (count: number): string => (count / d).toLocaleString('en');
  return renderFigure({
    width: LEFT + shown.length * CELL + 10,
    height: top + shown.length * CELL + BOTTOM + 6,
    title,
    subtitle:
      left.length === 0
        ? `${rows(data.length)} held-out rows, ${rows(samples.length)} samples`
        : `The first ${MOST_COLUMNS} of ${d} columns; left out: ${left.join(', ')}`,
    parts: [
      {
        element: legend([
          { name: 'held-out data', color: INK.blue, mark: 'dot' },
          { name: 'samples', color: INK.vermilion, mark: 'dot' },
        ]),
        x: 8,
        y: HEADER.subtitle + 14,
      },
      ...shown.flatMap((_, row) =>
        Array.from({ length: row + 1 }, (__, column) => ({
          element: cell(row, column),
          x: column * CELL,
          y: top + row * CELL,
        })),
      ),
    ],
  });
};

const domainOf = (values: Float32Array): readonly [number, number] => {
  const [low, high] = [quantile(values, 0.005), quantile(values, 0.995)];
  return high > low ? widened([low, high], 0.12) : [low - 0.5, low + 0.5];
};

const scatter = (
  data: ReturnType<typeof points>,
  samples: ReturnType<typeof points>,
  x: readonly [number, number],
  y: readonly [number, number],
): Markish => {
  const marked = Array.from({ length: Math.max(data.length, samples.length) }, (_, i) => [
    ...data.slice(i, i + 1).map((at) => ({ at, color: INK.blue })),
    ...samples.slice(i, i + 1).map((at) => ({ at, color: INK.vermilion })),
  ]).flat();
  return dot(
    marked.filter(({ at }) => at[0] >= x[0] && at[0] <= x[1] && at[1] >= y[0] && at[1] <= y[1]),
    { x: ({ at }) => at[0], y: ({ at }) => at[1], r: 1.6, fill: ({ color }) => color, fillOpacity: 0.55 },
  );
};

const histograms = (
  data: Float32Array,
  samples: Float32Array,
  domain: readonly [number, number],
): readonly Markish[] => {
  const heights = [data, samples].map((values) => shares(values, domain));
  const highest = Math.max(...heights.flat(), Number.MIN_VALUE);
  const steps = (shares: readonly number[]) =>
    Array.from({ length: 2 * BINS }, (_, i) => ({
      x: domain[0] + (Math.ceil(i / 2) / BINS) * (domain[1] - domain[0]),
      y: shares[Math.floor(i / 2)]! / highest,
    }));
  return [
    ruleY([0]),
    ...[INK.blue, INK.vermilion].map((stroke, i) =>
      line(steps(heights[i]!), { x: 'x', y: 'y', stroke, strokeWidth: 1.8 }),
    ),
  ];
};

/** Returns the fraction of the values in each bin, `[BINS]`. */
const shares = (values: Float32Array, [low, high]: readonly [number, number]): number[] => {
  const counts = Array.from({ length: BINS }, () => 0);
  for (const value of values) {
    const bin = Math.floor(((value - low) / (high - low)) * BINS);
    if (bin >= 0 && bin < BINS) counts[bin]! += 1 / values.length;
  }
  return counts;
};
