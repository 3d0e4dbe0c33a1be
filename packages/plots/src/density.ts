import { FlowError } from '@impflow/core';
import { dot, frame, type Markish } from '@observablehq/plot';
import { acrossAxis, roomUp, upAxis, type Side } from './axis.ts';
import { ROLE } from './colors.ts';
import { isInside } from './domain.ts';
import { assertColumns, type PlotColumn } from './plot-column.ts';
import { rasterMark, type Extent } from './raster.ts';
import { HEADER, label, panel, renderFigure } from './render.ts';
import type { RowNames } from './row-names.ts';
import { shadeFor } from './shade.ts';
import { thinned } from './statistics.ts';
import { shortened } from './text.ts';

/** Input of {@link densityPlot}. */
export interface DensityPlotInput {
  /** The two columns, with held-out data and with samples. The names label the axes. */
  readonly columns: readonly [PlotColumn, PlotColumn];
  /**
   * Log-density in nats at the points `(xs[i], ys[j])`, as `logDensity[j * xs.length + i]`. The coordinates are evenly
   * spaced and ascending.
   */
  readonly grid: {
    readonly xs: ArrayLike<number>;
    readonly ys: ArrayLike<number>;
    readonly logDensity: ArrayLike<number>;
  };
  /** Title of the figure. Default: no title. */
  readonly title?: string;
  /** A smaller line under the title. Default: no line. Has no effect without a title. */
  readonly subtitle?: string;
  /** Names of the rows. */
  readonly names?: RowNames;
}

const MOST_POINTS = 3000;
const MARGIN = { top: 26, right: 12, bottom: 42 } as const;
/** Half the height of a tick label: labels at the ends of a vertical axis extend by this. */
const LABEL = 6;
const LEGEND_WIDTH = 96;
const GAP = 10;

/**
 * Draws a density as a PNG with three panels on the same axes: the density as a heat map, the data, and rows that the
 * model drew. A scale in nats is at the right.
 *
 * @remarks A panel shows at most 3000 points, from evenly spaced rows; its label states how many, and how many lie
 * outside the axes. The panels are drawn to scale if no column has dates, and if the lengths of the two sides of the grid
 * differ by less than a factor of three. Otherwise the panels are square. Wide panels are stacked.
 * @throws `shape` if the columns have different lengths, if the grid has fewer than two points per side, or if
 * `logDensity` does not have one number per point.
 */
export const densityPlot = ({
  columns,
  grid,
  title,
  subtitle,
  names: { data: dataName = 'data', samples: samplesName = 'draws of the model' } = {},
}: DensityPlotInput): Uint8Array => {
  assertColumns(columns, 'plots/densityPlot');
  const { xs, ys, logDensity } = grid;
  if (xs.length < 2 || ys.length < 2 || logDensity.length !== xs.length * ys.length) {
    throw new FlowError('shape', 'plots/densityPlot', 'Wrong grid', {
      expected: 'at least 2 by 2 points and one log-density a point',
      got: `${xs.length} by ${ys.length} points and ${logDensity.length} log-densities`,
    });
  }
  const extent = { x: cellEdges(xs), y: cellEdges(ys) };
  const inner = innerSize(
    extent,
    columns.some(({ date }) => date !== undefined),
  );
  const [x, y] = columns.map(({ name, date }, i): Side => ({ name, date, domain: i === 0 ? extent.x : extent.y })) as [
    Side,
    Side,
  ];
  const left = roomUp([y], inner.height);
  const width = inner.width + left + MARGIN.right;
  const height = inner.height + MARGIN.top + MARGIN.bottom;
  const shade = shadeFor(logDensity);
  const brightness = Float32Array.from(logDensity, shade.apply);
  const heat = rasterMark({ width: xs.length, height: ys.length, values: brightness }, extent);
  const top = title === undefined ? 4 : subtitle === undefined ? HEADER.title : HEADER.subtitle;
  const panels: readonly { name: string; marks: readonly Markish[] }[] = [
    { name: shade.kind === 'density' ? 'Density' : 'Log-density', marks: [heat] },
    scatter(
      dataName,
      columns.map(({ data }) => data),
      extent,
      ROLE.data,
    ),
    scatter(
      samplesName,
      columns.map(({ samples }) => samples),
      extent,
      ROLE.model,
    ),
  ];
  const stacked = width > 1.5 * height;
  const at = (i: number): { x: number; y: number } =>
    stacked ? { x: 0, y: top + i * (height + GAP) } : { x: i * width, y: top };
  const right = stacked ? width : 3 * width;
  return renderFigure({
    width: right + LEGEND_WIDTH,
    height: top + (stacked ? 3 * height + 2 * GAP : height) + 6,
    ...(title === undefined ? {} : { title }),
    ...(title === undefined || subtitle === undefined ? {} : { subtitle }),
    parts: [
      ...panels.flatMap(({ name, marks }, i) => [
        { element: axes(x, y, { ...inner, left }, marks), ...at(i) },
        {
          element: label(shortened(name, inner.width, 12, true), { size: 12, bold: true }),
          x: at(i).x + left,
          y: at(i).y + 18,
        },
      ]),
      { element: scaleBar(shade, height), x: right + 6, y: top },
      { element: label('log p, nats', { size: 11 }), x: right + 6, y: top + 18 },
    ],
  });
};

/**
 * Returns the lower edge of the first cell and the upper edge of the last cell. The centers of the cells are evenly
 * spaced points.
 */
const cellEdges = (centers: ArrayLike<number>): readonly [number, number] => {
  const [first, last] = [centers[0]!, centers[centers.length - 1]!];
  const half = (last - first) / (centers.length - 1) / 2;
  return [first - half, last + half];
};

const innerSize = ({ x, y }: Extent, hasDates: boolean): { readonly width: number; readonly height: number } => {
  const ratio = (x[1] - x[0]) / (y[1] - y[0]);
  const shape = !hasDates && ratio > 1 / 3 && ratio < 3 ? ratio : 1;
  // Panels of every shape have the area `side * side`, so that points are not denser in elongated panels.
  const side = shape > 1.5 ? 360 : 300;
  return { width: Math.round(side * Math.sqrt(shape)), height: Math.round(side / Math.sqrt(shape)) };
};

const axes = (
  x: Side,
  y: Side,
  { width, height, left }: { readonly width: number; readonly height: number; readonly left: number },
  marks: readonly Markish[],
): Element =>
  panel({
    width: width + left + MARGIN.right,
    height: height + MARGIN.top + MARGIN.bottom,
    marginTop: MARGIN.top,
    marginRight: MARGIN.right,
    marginBottom: MARGIN.bottom,
    marginLeft: left,
    x: acrossAxis(x, width, MARGIN.right),
    y: upAxis(y, height, LABEL),
    marks: [...marks, frame({ stroke: '#999' })],
  });

const scatter = (
  name: string,
  [xs, ys]: readonly ArrayLike<number>[],
  { x, y }: Extent,
  color: string,
): { name: string; marks: readonly Markish[] } => {
  const all = Array.from(xs!, (value, row) => [value, ys![row]!] as const).filter((point) =>
    point.every(Number.isFinite),
  );
  const shown = thinned(all, MOST_POINTS);
  const inside = shown.filter(([a, b]) => isInside(a, x) && isInside(b, y));
  const counts = [
    ...(all.length === shown.length ? [] : [`${shown.length.toLocaleString('en')} drawn`]),
    ...(inside.length === shown.length ? [] : [`${(shown.length - inside.length).toLocaleString('en')} outside`]),
  ];
  // The more points there are, the smaller and fainter they are drawn, so that dense regions still show their shape.
  const many = Math.min(1, shown.length / MOST_POINTS);
  return {
    name: `${name}${counts.length === 0 ? '' : ` (${counts.join(', ')})`}`,
    marks: [
      dot(inside, { x: ([a]) => a, y: ([, b]) => b, r: 2.2 - 1.1 * many, fill: color, fillOpacity: 0.75 - 0.3 * many }),
    ],
  };
};

const scaleBar = (shade: ReturnType<typeof shadeFor>, height: number): Element => {
  const steps = 200;
  const values = Array.from({ length: steps }, (_, i) =>
    shade.apply(shade.low + ((i + 0.5) / steps) * (shade.high - shade.low)),
  );
  const y: readonly [number, number] = [shade.low, shade.high];
  return panel({
    width: LEGEND_WIDTH - 20,
    height,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    marginLeft: 2,
    marginRight: 52,
    x: { domain: [0, 1], axis: null },
    y: { domain: y, axis: 'right', label: null, ticks: 6 },
    marks: [rasterMark({ width: 1, height: steps, values }, { x: [0, 1], y }), frame({ stroke: '#999' })],
  });
};
