import { FlowError } from '@impflow/core';
import { dot, frame, type Markish } from '@observablehq/plot';
import { acrossAxis, roomUp, upAxis, type Side } from './axis.ts';
import { ROLE } from './colors.ts';
import { isInside } from './domain.ts';
import { assertColumns, trainingOf, type PlotColumn } from './plot-column.ts';
import { rasterMark, type Extent } from './raster.ts';
import { HEADER, label, panel, renderFigure, type Part } from './render.ts';
import type { RowNames } from './row-names.ts';
import { shadeFor } from './shade.ts';
import { shownRows } from './shown-rows.ts';
import { shortened, textWidth } from './text.ts';
import { TICK_SIZE, ticksOf } from './ticks.ts';

/** Input of {@link densityPlot}. */
export interface DensityPlotInput {
  /**
   * The two columns. Their names label the axes. The unit of the density is made of the units in parentheses at the ends
   * of the names.
   */
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
/** Height of the scale of the colors with its tick labels, and its distance to the heat map. */
const SCALE = { height: 32, below: 10 } as const;
const SCALE_ROOM: number = SCALE.height + SCALE.below;
const GAP = 10;

/**
 * Draws a density as a PNG with three panels on the same axes: the density as a heat map, the data, and rows that the
 * model drew. A scale in nats is above the heat map.
 *
 * @remarks The panels of data and draws show equally many points, at most 3000, from evenly spaced rows. They
 * state how many, and how many lie outside the axes. The panels are drawn to scale if no column has dates, and if the
 * lengths of the two sides of the grid differ by less than a factor of three, or of eight if the names of the columns
 * end with the same unit in parentheses. Otherwise the panels are square. Wide panels are stacked.
 * @throws `shape` if the columns have different lengths, if the grid has fewer than two points per side, or if
 * `logDensity` does not have one number per point.
 */
export const densityPlot = ({
  columns,
  grid,
  title,
  subtitle,
  names: {
    data: dataName = 'data',
    training: trainingName = 'training rows',
    samples: samplesName = 'draws of the model',
  } = {},
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
  const inner = innerSize(extent, columns);
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
  const shown = shownRows(columns[0], MOST_POINTS);
  const panels: readonly HeadedPanel[] = [
    { name: heatName(shade.kind, columns), marks: [heat] },
    scatter(columns, extent, [
      { name: trainingName, kind: 'training', rows: shown.training },
      { name: dataName, kind: 'data', rows: shown.data },
    ]),
    scatter(columns, extent, [{ name: samplesName, kind: 'samples', rows: shown.samples }]),
  ];
  const stacked = width > 1.5 * height;
  const at = (i: number): { x: number; y: number } =>
    stacked ? { x: 0, y: top + SCALE_ROOM + i * (height + GAP) } : { x: i * width, y: top + SCALE_ROOM };
  return renderFigure({
    width: (stacked ? width : 3 * width) + 6,
    height: top + SCALE_ROOM + (stacked ? 3 * height + 2 * GAP : height) + 6,
    ...(title === undefined ? {} : { title }),
    ...(title === undefined || subtitle === undefined ? {} : { subtitle }),
    parts: [
      ...panels.flatMap(({ name, marks, outside = 0 }, i): readonly Part[] => [
        { element: axes(x, y, { ...inner, left }, marks), ...at(i) },
        {
          element: label(shortened(name, inner.width, 12, true), { size: 12, bold: true }),
          x: at(i).x + left,
          y: at(i).y + 18 - (i === 0 ? SCALE_ROOM : 0),
        },
        ...(outside === 0
          ? []
          : [
              {
                element: label(`${outside.toLocaleString('en')} outside the axes`, {
                  size: 10,
                  color: '#555',
                  anchor: 'end',
                }),
                x: at(i).x + left + inner.width - 5,
                y: at(i).y + MARGIN.top + 14,
              },
            ]),
      ]),
      { element: scaleBar(shade, { width: inner.width, left }), x: 0, y: top + MARGIN.top - 3 },
    ],
  });
};

/** Returns the name of the heat map, with the unit of the density if both columns have a unit. */
const heatName = (kind: 'density' | 'nats', columns: DensityPlotInput['columns']): string => {
  const units = columns.map(unitOf);
  const per = units.includes(undefined) ? '' : `, per ${units.map(singular).join(' · ')}`;
  return kind === 'density' ? `Density (scale: nats${per})` : `Log-density (nats${per})`;
};

/** Returns the unit of a column: the end of its name in parentheses, or the unit of its dates. */
const unitOf = ({ name, date }: PlotColumn): string | undefined => date ?? /\(([^()]+)\)$/.exec(name)?.[1];

const singular = (unit: string | undefined): string => unit!.replace(/(?<=[a-z]{3}[^su])s$/, '');

/**
 * Returns the lower edge of the first cell and the upper edge of the last cell. The centers of the cells are evenly
 * spaced points.
 */
const cellEdges = (centers: ArrayLike<number>): readonly [number, number] => {
  const [first, last] = [centers[0]!, centers[centers.length - 1]!];
  const half = (last - first) / (centers.length - 1) / 2;
  return [first - half, last + half];
};

/** Largest ratio of the sides of panels that are drawn to scale, for columns of the same unit and for others. */
const MOST_RATIO = { same: 8, other: 3 } as const;

const innerSize = (
  { x, y }: Extent,
  columns: DensityPlotInput['columns'],
): { readonly width: number; readonly height: number } => {
  const ratio = (x[1] - x[0]) / (y[1] - y[0]);
  const [first, second] = columns.map(unitOf);
  const most = MOST_RATIO[first !== undefined && first === second ? 'same' : 'other'];
  const hasDates = columns.some(({ date }) => date !== undefined);
  const shape = !hasDates && ratio > 1 / most && ratio < most ? ratio : 1;
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

/** A panel with its name. */
interface HeadedPanel {
  readonly name: string;
  readonly marks: readonly Markish[];
  /** Number of points outside the axes. Default 0. */
  readonly outside?: number;
}

/** Rows of one kind in a panel. */
interface ShownKind {
  readonly name: string;
  readonly kind: 'training' | 'data' | 'samples';
  readonly rows: readonly number[];
}

const scatter = (
  [first, second]: DensityPlotInput['columns'],
  { x, y }: Extent,
  kinds: readonly ShownKind[],
): HeadedPanel => {
  const used = kinds.filter(({ rows }) => rows.length > 0);
  const count = used.reduce((sum, { rows }) => sum + rows.length, 0);
  // The more points there are, the smaller and fainter they are drawn, so that dense regions still show their shape.
  const many = Math.min(1, count / MOST_POINTS);
  const drawn = used.map(({ name, kind, rows }) => {
    const [xs, ys] = [first, second].map((column) => (kind === 'training' ? trainingOf(column) : column[kind]));
    const inside = rows.filter((row) => isInside(xs![row]!, x) && isInside(ys![row]!, y));
    const known = rows.filter((row) => Number.isFinite(xs![row]!) && Number.isFinite(ys![row]!));
    const counts = rows.length === xs!.length ? '' : ` (${rows.length.toLocaleString('en')} shown)`;
    return {
      name: `${name}${counts}`,
      outside: known.length - inside.length,
      mark: dot(inside, {
        x: (row: number) => xs![row]!,
        y: (row: number) => ys![row]!,
        r: 2.2 - 1.1 * many,
        fill: ROLE[kind === 'samples' ? 'model' : 'data'],
        fillOpacity: (kind === 'training' ? 0.45 : 1) * (0.75 - 0.3 * many),
      }),
    };
  });
  return {
    name: drawn
      .map(({ name }) => name)
      .toReversed()
      .join('; pale: '),
    marks: drawn.map(({ mark }) => mark),
    outside: drawn.reduce((sum, { outside }) => sum + outside, 0),
  };
};

/** Draws the scale of the colors. The darkest color also stands for all lower log-densities. */
const scaleBar = (
  { low, high, apply }: ReturnType<typeof shadeFor>,
  { width, left }: { readonly width: number; readonly left: number },
): Element => {
  const steps = 200;
  const values = Array.from({ length: steps }, (_, i) => apply(low + ((i + 0.5) / steps) * (high - low)));
  const x: readonly [number, number] = [low, high];
  const least = `≤ ${low.toPrecision(3).replace('-', '−')}`;
  const room = (high - low) * ((textWidth(least, TICK_SIZE) / 2 + 22) / width);
  const ticks = ticksOf(x, { length: width, overhang: MARGIN.right, across: true }).filter(({ at }) => at > low + room);
  const texts = new Map([[low, least], ...ticks.map(({ at, text }) => [at, text] as const)]);
  return panel({
    width: width + left + MARGIN.right,
    height: SCALE.height,
    marginTop: 2,
    marginBottom: 20,
    marginLeft: left,
    marginRight: MARGIN.right,
    x: { domain: x, ticks: [...texts.keys()], tickFormat: (at: number) => texts.get(at) ?? '', label: null },
    y: { domain: [0, 1], axis: null },
    marks: [rasterMark({ width: steps, height: 1, values }, { x, y: [0, 1] }), frame({ stroke: '#999' })],
  });
};
