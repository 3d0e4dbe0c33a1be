import { frame, line, rectY, ruleY, type Markish } from '@observablehq/plot';
import { acrossAxis, sideOf } from './axis.ts';
import { ROLE, TINT } from './colors.ts';
import type { Domain } from './domain.ts';
import { trainingOf, type PlotColumn } from './plot-column.ts';
import { panel } from './render.ts';
import type { Overhang } from './ticks.ts';

/** Size of a panel, in units of the figure, with margins. */
export interface PanelSize {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly bottom: number;
  /** How far tick labels may extend beyond the ends of the axis. Default: the margin at the right. */
  readonly overhang?: Overhang;
}

/** Margins of the panels at the top and at the right. */
export const EDGE = 6;

/**
 * Returns the marks of the histogram of the data, as bars, and of the histogram of the draws, as a line. Training rows
 * are stacked on the data. Both histograms have the same area. The highest bar ends a little below the upper end of the
 * vertical axis, whose range is the last argument.
 */
export const histograms = (column: PlotColumn, domain: Domain, [low, high]: Domain = [0, 1]): readonly Markish[] => {
  const { data, samples, step } = column;
  const training = trainingOf(column);
  const edges = binEdges(data.length + training.length, domain, step);
  const finite = [data, training].map((values) => finiteIn(values));
  const rows = Math.max(1, finite[0]! + finite[1]!);
  const [tested, trained] = [data, training].map((values) => countsOf(values, edges).map((count) => count / rows));
  const drawn = countsOf(samples, edges).map((count) => count / Math.max(1, finiteIn(samples)));
  const shares = tested!.map((share, i) => share + trained![i]!);
  const highest = Math.max(...shares, ...drawn, Number.MIN_VALUE);
  const heightOf = (share: number): number => low + (0.93 * (high - low) * share) / highest;
  const bars = (from: readonly number[], to: readonly number[], opacity: number): Markish =>
    rectY(
      to.map((share, i) => ({
        x1: Math.max(domain[0], edges[i]!),
        x2: Math.min(domain[1], edges[i + 1]!),
        y1: heightOf(from[i]!),
        y2: heightOf(share),
      })),
      { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2', fill: ROLE.data, fillOpacity: opacity },
    );
  const outline = drawn.flatMap((share, i) => [edges[i]!, edges[i + 1]!].map((x) => [x, heightOf(share)] as const));
  return [
    bars(
      shares.map(() => 0),
      tested!,
      TINT.data,
    ),
    ...(training.length === 0 ? [] : [bars(tested!, shares, TINT.training)]),
    line(outline, { stroke: ROLE.model, strokeWidth: 1.8, clip: true }),
    ruleY([low]),
  ];
};

/** Returns the edges of 8 to 30 bins, more for more rows. */
const binEdges = (rows: number, [low, high]: Domain, step: number | undefined): readonly number[] => {
  const width = (high - low) / Math.max(8, Math.min(30, Math.round(1.5 * Math.sqrt(rows))));
  if (step === undefined)
    return Array.from({ length: Math.round((high - low) / width) + 1 }, (_, i) => low + i * width);
  // A bin contains whole steps, and the values of a step are in the middle of their bin.
  const wide = step * Math.max(1, Math.round(width / step));
  const first = Math.floor((low + step / 2) / wide);
  return Array.from(
    { length: Math.ceil((high + step / 2) / wide) - first + 1 },
    (_, i) => (first + i) * wide - step / 2,
  );
};

/** Returns the number of values in each bin. */
const countsOf = (values: ArrayLike<number>, edges: readonly number[]): readonly number[] => {
  const counts = Array.from({ length: edges.length - 1 }, () => 0);
  const [low, high] = [edges[0]!, edges.at(-1)!];
  for (let i = 0; i < values.length; i++) {
    const bin = Math.floor(((values[i]! - low) / (high - low)) * counts.length);
    if (bin >= 0 && bin < counts.length) counts[bin]!++;
  }
  return counts;
};

const finiteIn = (values: ArrayLike<number>): number => Array.from(values).filter(Number.isFinite).length;

/** Draws the histograms of a column of numbers or dates. */
export const numberPanel = (
  column: PlotColumn,
  domain: Domain,
  { width, height, left, bottom, overhang = EDGE }: PanelSize,
): Element =>
  panel({
    width,
    height,
    marginLeft: left,
    marginRight: EDGE,
    marginTop: EDGE,
    marginBottom: bottom,
    x: acrossAxis(sideOf({ column, domain }), width - left - EDGE, overhang),
    y: { axis: null, domain: [0, 1] },
    marks: [...histograms(column, domain), frame({ stroke: '#999' })],
  });
