import { frame, line, rectY, ruleY, type Markish } from '@observablehq/plot';
import { acrossAxis, sideOf } from './axis.ts';
import { INK } from './colors.ts';
import type { Domain } from './domain.ts';
import type { PlotColumn } from './plot-column.ts';
import { panel } from './render.ts';

/** Size of a panel, in units of the figure, with margins. */
export interface PanelSize {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly bottom: number;
}

/** Margins of the panels at the top and at the right. */
export const EDGE = 6;

/**
 * Returns the marks of the histogram of the data, as bars, and of the histogram of the drawn rows, as a line. The highest
 * bar ends a little below the upper end of the vertical axis, whose range is the last argument.
 */
export const histograms = (
  { data, samples, step }: PlotColumn,
  domain: Domain,
  [low, high]: Domain = [0, 1],
): readonly Markish[] => {
  const edges = binEdges(data.length, domain, step);
  const shares = [data, samples].map((values) => sharesOf(values, edges));
  const highest = Math.max(...shares.flat(), Number.MIN_VALUE);
  const heightOf = (share: number): number => low + (0.93 * (high - low) * share) / highest;
  const bars = shares[0]!.map((share, i) => ({
    x1: Math.max(domain[0], edges[i]!),
    x2: Math.min(domain[1], edges[i + 1]!),
    y: heightOf(share),
  }));
  const outline = shares[1]!.flatMap((share, i) =>
    [edges[i]!, edges[i + 1]!].map((x) => [x, heightOf(share)] as const),
  );
  return [
    rectY(bars, { x1: 'x1', x2: 'x2', y1: low, y2: 'y', fill: INK.blue, fillOpacity: 0.35 }),
    line(outline, { stroke: INK.vermilion, strokeWidth: 1.8, clip: true }),
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

/** Returns the fraction of the finite values in each bin. */
const sharesOf = (values: ArrayLike<number>, edges: readonly number[]): readonly number[] => {
  const counts = Array.from({ length: edges.length - 1 }, () => 0);
  const [low, high] = [edges[0]!, edges.at(-1)!];
  let finite = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    finite++;
    const bin = Math.floor(((values[i]! - low) / (high - low)) * counts.length);
    if (bin >= 0 && bin < counts.length) counts[bin]!++;
  }
  return counts.map((count) => count / Math.max(1, finite));
};

/** Draws the histograms of a column of numbers or dates. */
export const numberPanel = (column: PlotColumn, domain: Domain, { width, height, left, bottom }: PanelSize): Element =>
  panel({
    width,
    height,
    marginLeft: left,
    marginRight: EDGE,
    marginTop: EDGE,
    marginBottom: bottom,
    x: acrossAxis(sideOf({ column, domain }), width - left - EDGE, EDGE),
    y: { axis: null, domain: [0, 1] },
    marks: [...histograms(column, domain), frame({ stroke: '#999' })],
  });
