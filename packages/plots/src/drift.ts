import { barX, frame, gridX, line, rectY, ruleX, ruleY, text } from '@observablehq/plot';
import { INK, ROLE, TINT } from './colors.ts';
import { lineAxes } from './lines.ts';
import { quantile } from './quantile.ts';
import { HEADER, label, legend, panel, renderFigure, type LegendKey } from './render.ts';
import { range, thinned, widened } from './statistics.ts';
import { shortened } from './text.ts';

/** A column of {@link driftPlot}. */
export interface DriftBar {
  /** Name of the column. */
  readonly column: string;
  /** Length of the bar, which may be negative or NaN. */
  readonly value: number;
  /** Standard error of the length. 0 draws no interval. */
  readonly error: number;
  /** Text beside the bar. */
  readonly note: string;
}

/** Input of {@link driftPlot}. */
export interface DriftPlotInput {
  /** Text at the top. */
  readonly title: string;
  /** A smaller line under the title. */
  readonly subtitle: string;
  /** Numbers of the rows in their order of time, and the logarithm, to base 10, of the evidence after each of them. */
  readonly evidence: { readonly rows: ArrayLike<number>; readonly values: ArrayLike<number> };
  /** Evidence of an alarm, `-log10(alpha)`. */
  readonly threshold: number;
  /** Positions, among the rows in their order, of the alarm and of the probable change. */
  readonly marks: { readonly alarm?: number | undefined; readonly since?: number | undefined };
  /** Log-densities of the reference rows and of the new rows, in nats. */
  readonly scores: { readonly reference: ArrayLike<number>; readonly rows: ArrayLike<number> };
  /** Columns, the most important first. */
  readonly columns: readonly DriftBar[];
  /** Label of the axis of the columns. */
  readonly columnsLabel: string;
}

const WIDTH = 760;
const PANEL = 210;
const BAR = 20;
const AXIS = 40;
const NAMES = 150;
const NOTES = 260;
/** Largest number of bars. */
const BARS = 12;
/** Largest number of points of the line. */
const POINTS = 1500;
const BINS = 40;

/**
 * Draws a PNG that shows whether new rows differ from reference rows, from the top: the evidence over the rows, the
 * histograms of the log-densities, and a bar for each column.
 */
export const driftPlot = (input: DriftPlotInput): Uint8Array => {
  const bars = input.columns.slice(0, BARS);
  const top = HEADER.subtitle + 8;
  const heights = [PANEL, PANEL, Math.max(1, bars.length) * BAR + AXIS] as const;
  const [second, third] = [top + 24 + heights[0] + 12, top + 48 + heights[0] + heights[1] + 24];
  const at = (element: Element, x: number, y: number) => ({ element, x, y });
  return renderFigure({
    width: WIDTH,
    height: third + 24 + heights[2],
    title: input.title,
    subtitle: input.subtitle,
    parts: [
      at(label('Evidence in the order of the rows', { bold: true }), 16, top + 12),
      at(legend(evidenceKeys(input)), 300, top + 12),
      at(evidencePanel(input), 0, top + 18),
      at(label('Log-densities', { bold: true }), 16, second + 12),
      at(legend(scoreKeys), 300, second + 12),
      at(scoresPanel(input.scores), 0, second + 18),
      at(
        label(bars.length < input.columns.length ? `Columns: ${BARS} of ${input.columns.length}` : 'Columns', {
          bold: true,
        }),
        16,
        third + 12,
      ),
      at(barsPanel(bars, input.columnsLabel, heights[2]), 0, third + 18),
    ],
  });
};

const evidenceKeys = ({ marks }: DriftPlotInput): readonly LegendKey[] => [
  { name: 'alarm level', color: INK.black, mark: 'line', dash: '4,3' },
  ...(marks.alarm === undefined
    ? []
    : [
        { name: 'alarm', color: INK.vermilion, mark: 'line' } as const,
        { name: 'probable change', color: INK.green, mark: 'line', dash: '6,3' } as const,
      ]),
];

const evidencePanel = ({ evidence, threshold, marks }: DriftPlotInput): Element => {
  const places = Array.from(evidence.values, (_, i) => i);
  const points = thinned(places, POINTS).map((i) => [i + 1, evidence.values[i]!] as const);
  const [low, high] = range([0, threshold, ...points.map(([, y]) => y)]);
  return lineAxes(
    {
      width: WIDTH,
      height: PANEL,
      x: { name: 'tested rows, in order', domain: [1, Math.max(2, places.length)], whole: true },
      y: { name: 'log10 of the evidence', domain: widened([low, high], 0.05) },
    },
    [
      ruleY([threshold], { stroke: INK.black, strokeDasharray: '4,3' }),
      line(points, { stroke: INK.blue, strokeWidth: 1.8 }),
      ...(marks.alarm === undefined ? [] : [ruleX([marks.alarm], { stroke: INK.vermilion, strokeWidth: 1.8 })]),
      ...(marks.since === undefined
        ? []
        : [ruleX([marks.since], { stroke: INK.green, strokeWidth: 1.8, strokeDasharray: '6,3' })]),
    ],
  );
};

const scoreKeys: readonly LegendKey[] = [
  { name: 'reference rows', color: ROLE.data, mark: 'box', opacity: TINT.data },
  { name: 'new rows', color: ROLE.model, mark: 'line' },
];

/** Draws the histograms of both tables. Values outside the middle 99 % of all rows are in the outermost bins. */
const scoresPanel = ({ reference, rows }: DriftPlotInput['scores']): Element => {
  const [old, fresh] = [reference, rows].map((values) => Array.from(values).filter(Number.isFinite)) as [
    number[],
    number[],
  ];
  const all = [...old, ...fresh];
  const [low, high] = range(all.length === 0 ? [] : [quantile(all, 0.005), quantile(all, 0.995)]);
  const width = (high - low) / BINS;
  const sharesOf = (values: readonly number[]): readonly number[] => {
    const counts = Array.from({ length: BINS }, () => 0);
    for (const value of values) counts[Math.max(0, Math.min(BINS - 1, Math.floor((value - low) / width)))]!++;
    return counts.map((count) => count / Math.max(1, values.length));
  };
  const [before, after] = [sharesOf(old), sharesOf(fresh)];
  const outline = after.flatMap((share, i) => [i, i + 1].map((edge) => [low + edge * width, share] as const));
  return lineAxes(
    {
      width: WIDTH,
      height: PANEL,
      x: { name: 'log-density in nats', domain: [low, high] },
      y: { name: 'share of rows', domain: [0, 1.06 * Math.max(...before, ...after, 1e-9)] },
    },
    [
      rectY(
        before.map((share, i) => ({ x1: low + i * width, x2: low + (i + 1) * width, y: share })),
        { x1: 'x1', x2: 'x2', y1: 0, y2: 'y', fill: ROLE.data, fillOpacity: TINT.data },
      ),
      line(outline, { stroke: ROLE.model, strokeWidth: 1.8 }),
    ],
  );
};

const barsPanel = (columns: readonly DriftBar[], name: string, height: number): Element => {
  const bars = columns.map((bar, i) => ({ ...bar, i, value: Number.isFinite(bar.value) ? bar.value : 0 }));
  const [low, high] = widened(range([0, ...bars.flatMap(({ value, error }) => [value - error, value + error])]), 0.04);
  return panel({
    width: WIDTH,
    height,
    marginLeft: NAMES,
    marginRight: NOTES,
    marginTop: 2,
    marginBottom: AXIS - 2,
    x: { domain: [low, high], label: name, labelAnchor: 'center', labelArrow: 'none', ticks: 4 },
    y: {
      type: 'band',
      domain: bars.map(({ i }) => i),
      label: null,
      tickSize: 0,
      tickFormat: (i: number) => shortened(bars[i]!.column, NAMES - 12),
      padding: 0.25,
    },
    marks: [
      gridX({ stroke: '#ddd', strokeOpacity: 1, ticks: 4 }),
      barX(bars, { y: 'i', x1: 0, x2: 'value', fill: ({ value }) => (value > 0 ? INK.vermilion : INK.gray) }),
      ...bars
        .filter(({ error }) => error > 0)
        .map((bar) =>
          line(
            [bar.value - bar.error, bar.value + bar.error].map((x) => [x, bar.i]),
            { stroke: INK.black },
          ),
        ),
      ruleX([0], { stroke: '#222' }),
      text(bars, {
        y: 'i',
        frameAnchor: 'right',
        dx: 8,
        textAnchor: 'start',
        text: ({ note }) => shortened(note, NOTES - 12),
      }),
      frame({ stroke: '#999' }),
    ],
  });
};
