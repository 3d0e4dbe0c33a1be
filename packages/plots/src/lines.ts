import { frame, gridX, gridY, line, ruleY, type Markish } from '@observablehq/plot';
import { acrossAxis, upAxis, type Side } from './axis.ts';
import { CYCLE, DASHES } from './colors.ts';
import { HEADER, legend, legendLines, panel, renderFigure, type LegendKey } from './render.ts';
import { range, widened } from './statistics.ts';

/** A named curve. */
export interface Curve {
  /** Text in the legend. */
  readonly name: string;
  /** The x coordinates of the points, ascending. */
  readonly x: ArrayLike<number>;
  /** The y coordinates of the points. */
  readonly y: ArrayLike<number>;
}

/** Input of {@link linesPlot}. */
export interface LinesPlotInput {
  /** Text at the top. */
  readonly title: string;
  /** A smaller line under the title. Default: none. */
  readonly subtitle?: string;
  /** Label of the x axis, with a unit if any. */
  readonly xLabel: string;
  /** Label of the y axis, with a unit if any. */
  readonly yLabel: string;
  /** The curves, in the order of the legend. */
  readonly curves: readonly Curve[];
  /**
   * A second panel below with the same x axis, for example for the errors of the curves. A curve in this panel has the
   * color of the curve with the same name in the upper panel.
   */
  readonly residual?: { readonly label: string; readonly curves: readonly Curve[] };
  /** Width of the picture in units of two pixels. Default 720. */
  readonly width?: number;
}

/** Options of {@link lineAxes}. */
export interface Axes {
  readonly width: number;
  readonly height: number;
  /** The x axis. Its name is empty if the panel below has the same x axis and shows its name and its labels. */
  readonly x: Side;
  readonly y: Side;
}

/** Margins of {@link lineAxes}. */
export const LINE_MARGIN: {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
} = { left: 66, right: 26, top: 10, bottom: 42 };

/** Draws a panel with a grid, a frame and centered labels. Marks outside the frame are clipped. */
export const lineAxes = ({ width, height, x, y }: Axes, marks: readonly Markish[]): Element => {
  const bottom = x.name === '' ? LINE_MARGIN.top - 4 : LINE_MARGIN.bottom;
  const across = acrossAxis(x, width - LINE_MARGIN.left - LINE_MARGIN.right, LINE_MARGIN.right);
  const up = upAxis(y, height - LINE_MARGIN.top - bottom, LINE_MARGIN.top);
  return panel({
    width,
    height,
    marginLeft: LINE_MARGIN.left,
    marginRight: LINE_MARGIN.right,
    marginTop: LINE_MARGIN.top,
    marginBottom: bottom,
    clip: true,
    x: x.name === '' ? { ...across, axis: null } : across,
    y: up,
    marks: [
      gridX({ ticks: across.ticks!, stroke: '#ddd', strokeOpacity: 1 }),
      gridY({ ticks: up.ticks!, stroke: '#ddd', strokeOpacity: 1 }),
      ...marks,
      frame({ stroke: '#999' }),
    ],
  });
};

/** Draws named curves as a PNG, with an optional panel of residuals below. The curves differ in color and dash. */
export const linesPlot = ({
  title,
  subtitle,
  xLabel,
  yLabel,
  curves,
  residual,
  width = 720,
}: LinesPlotInput): Uint8Array => {
  const names = [...new Set([...curves, ...(residual?.curves ?? [])].map(({ name }) => name))];
  const keys = names.map((name, i): LegendKey => ({
    name,
    color: CYCLE[i % CYCLE.length]!,
    mark: 'line',
    dash: DASHES[i % DASHES.length]!,
  }));
  const header = subtitle === undefined ? HEADER.title : HEADER.subtitle;
  const lines = legendLines(keys, width - 92);
  const top = header + 18 * lines.length + 4;
  const xDomain = range([...curves, ...(residual?.curves ?? [])].flatMap(({ x }) => Array.from(x)));
  const draw = (set: readonly Curve[], label: string, height: number, last: boolean): Element =>
    lineAxes(
      {
        width,
        height,
        x: { name: last ? xLabel : '', domain: xDomain },
        y: { name: label, domain: widened(range(set.flatMap(({ y }) => Array.from(y))), 0.06) },
      },
      [
        ...(set === curves ? [] : [ruleY([0], { stroke: '#888' })]),
        ...set.map(({ name, x, y }) =>
          strokeOf(
            keys.find((key) => key.name === name)!,
            x,
            y,
          ),
        ),
      ],
    );
  const upper = draw(curves, yLabel, 340, residual === undefined);
  return renderFigure({
    width,
    height: top + 340 + (residual === undefined ? 0 : 190) + 6,
    title,
    ...(subtitle === undefined ? {} : { subtitle }),
    parts: [
      ...lines.map((line, i) => ({ element: legend(line), x: 66, y: header + 12 + 18 * i })),
      { element: upper, x: 0, y: top },
      ...(residual === undefined
        ? []
        : [{ element: draw(residual.curves, residual.label, 190, true), x: 0, y: top + 340 }]),
    ],
  });
};

const strokeOf = ({ color, dash }: LegendKey, x: ArrayLike<number>, y: ArrayLike<number>): Markish =>
  line(
    Array.from(x, (at, i) => [at, y[i]!] as const),
    { stroke: color, strokeWidth: 2, strokeDasharray: dash ?? 'none' },
  );
