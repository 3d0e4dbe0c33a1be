import { FlowError } from '@impflow/core';
import { dot, frame, type Markish } from '@observablehq/plot';
import { INK } from './colors.ts';
import { rasterMark, type Extent } from './raster.ts';
import { shortened, HEADER, label, panel, renderFigure } from './render.ts';
import { shadeFor } from './shade.ts';
import { points } from './statistics.ts';

/** Input of {@link densityPlot}. */
export interface DensityPlotInput {
  /** Names of the two columns, with units if any. The names label the axes. */
  readonly columns: readonly [string, string];
  /**
   * Log-density in nats at the points `(xs[i], ys[j])`, as `logDensity[j * xs.length + i]`. The coordinates are evenly
   * spaced and ascending.
   */
  readonly grid: {
    readonly xs: ArrayLike<number>;
    readonly ys: ArrayLike<number>;
    readonly logDensity: ArrayLike<number>;
  };
  /** Held-out rows, `[n, 2]`. */
  readonly data: Float32Array;
  /** Sampled rows, `[m, 2]`. */
  readonly samples: Float32Array;
  /** Title of the figure. Default: no title. */
  readonly title?: string;
  /** A smaller line under the title. Default: no line. Has no effect without a title. */
  readonly subtitle?: string;
}

const MOST_POINTS = 3000;
const MARGIN = { top: 26, right: 10, bottom: 42, left: 62 } as const;
const LEGEND_WIDTH = 96;
const GAP = 10;

/**
 * Draws a density as a PNG with three panels on the same axes: the density as a heat map, held-out data, samples. A
 * scale in nats is at the right.
 *
 * @remarks A panel shows at most 3000 points, from evenly spaced rows; its label states how many. The panels are drawn
 * to scale if the lengths of the two sides of the grid differ by less than a factor of three. If the lengths differ by
 * a larger factor, the panels are square. Wide panels are stacked.
 * @throws `shape` if the grid has fewer than two points per side, or if `logDensity` does not have one number per
 * point.
 */
export const densityPlot = ({ columns, grid, data, samples, title, subtitle }: DensityPlotInput): Uint8Array => {
  const { xs, ys, logDensity } = grid;
  if (xs.length < 2 || ys.length < 2 || logDensity.length !== xs.length * ys.length) {
    throw new FlowError('shape', 'plots/densityPlot', 'Wrong grid', {
      expected: 'at least 2 by 2 points and one log-density a point',
      got: `${xs.length} by ${ys.length} points and ${logDensity.length} log-densities`,
    });
  }
  const extent = { x: cellEdges(xs), y: cellEdges(ys) };
  const { width, height } = panelSize(extent);
  const shade = shadeFor(logDensity);
  const brightness = Float32Array.from(logDensity, shade.apply);
  const heat = rasterMark({ width: xs.length, height: ys.length, values: brightness }, extent);
  const top = title === undefined ? 4 : subtitle === undefined ? HEADER.title : HEADER.subtitle;
  const panels: readonly { name: string; marks: readonly Markish[] }[] = [
    { name: shade.kind === 'density' ? 'Density' : 'Log-density', marks: [heat] },
    scatter('Held-out data', data, extent, INK.blue),
    scatter('Samples', samples, extent, INK.vermilion),
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
        { element: axes(columns, extent, { width, height }, marks), ...at(i) },
        { element: label(name, { size: 12, bold: true }), x: at(i).x + MARGIN.left, y: at(i).y + 18 },
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

const panelSize = ({ x, y }: Extent): { readonly width: number; readonly height: number } => {
  const ratio = (x[1] - x[0]) / (y[1] - y[0]);
  const shape = ratio > 1 / 3 && ratio < 3 ? ratio : 1;
  // Panels of every shape have the area `side * side`, so that points are not denser in elongated panels.
  const side = shape > 1.5 ? 360 : 300;
  return {
    width: Math.round(side * Math.sqrt(shape)) + MARGIN.left + MARGIN.right,
    height: Math.round(side / Math.sqrt(shape)) + MARGIN.top + MARGIN.bottom,
  };
};

const axes = (
  [x, y]: readonly [string, string],
  extent: Extent,
  { width, height }: { width: number; height: number },
  marks: readonly Markish[],
): Element => {
  const [across, up] = [width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom];
  return panel({
    width,
    height,
    marginTop: MARGIN.top,
    marginRight: MARGIN.right,
    marginBottom: MARGIN.bottom,
    marginLeft: MARGIN.left,
    x: {
      domain: extent.x,
      label: shortened(x, across),
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: Math.round(across / 60),
    },
    y: {
      domain: extent.y,
      label: shortened(y, up),
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: Math.round(up / 45),
    },
    marks: [...marks, frame({ stroke: '#999' })],
  });
};

const scatter = (
  name: string,
  values: Float32Array,
  extent: Extent,
  color: string,
): { name: string; marks: readonly Markish[] } => {
  const rows = values.length / 2;
  const shown = points(values, 2, 0, 1, MOST_POINTS);
  const count =
    rows === shown.length
      ? rows.toLocaleString('en')
      : `${shown.length.toLocaleString('en')} of ${rows.toLocaleString('en')}`;
  // The more points there are, the smaller and fainter they are drawn, so that dense regions still show their shape.
  const many = Math.min(1, shown.length / MOST_POINTS);
  const inside = shown.filter(([x, y]) => x >= extent.x[0] && x <= extent.x[1] && y >= extent.y[0] && y <= extent.y[1]);
  return {
    name: `${name} (${count})`,
    marks: [
      dot(inside, { x: ([x]) => x, y: ([, y]) => y, r: 2.2 - 1.1 * many, fill: color, fillOpacity: 0.75 - 0.3 * many }),
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
