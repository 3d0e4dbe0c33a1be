import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { raised } from '../axes.ts';
import { fontOf } from './canvas.ts';
import { throttled, useWidth } from './hooks.ts';
import { powerOfTen } from './series.ts';
import { useTheme, type Theme } from './theme.ts';

/** Data of a chart: the columns of numbers, and the limits of both axes. The first column contains x. */
interface ChartData {
  readonly columns: readonly (readonly (number | null | undefined)[])[];
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** Style of a curve. `color` is called at every drawing, so that the color follows the theme of the page. */
export interface Curve {
  readonly color: (theme: Theme) => string;
  readonly width: number;
  readonly dash?: readonly number[];
  /** Opacity of the curve. Default: 1. */
  readonly alpha?: number;
  readonly points?: { readonly size: number; readonly filled: boolean };
}

interface ChartProps {
  readonly data: ReadonlySignal<ChartData>;
  /** Styles of the curves. Each column after the first column is a curve. */
  readonly curves: readonly Curve[];
  /** Labels of the axes, with units. */
  readonly names: readonly [string, string];
  readonly logarithmic?: boolean;
  readonly height: number;
  /** Returns a description of the chart with numbers, for screen readers. */
  readonly label: () => string;
  /** Draws additional parts of the chart, such as error bars. */
  readonly extra?: (u: uPlot, theme: Theme) => void;
}

/** Minimum interval between two redrawings of the chart with new data, in milliseconds. */
const REDRAW_MS = 250;

/**
 * A chart that is as wide as its container and follows the theme of the page. If the number of curves changes, give the
 * component a new `key`, so that it is mounted anew.
 */
export const Chart = ({ data, curves, names, logarithmic = false, height, label, extra }: ChartProps): JSX.Element => {
  const box = useRef<HTMLDivElement | null>(null);
  const width = useWidth(box);
  const theme = useTheme();
  useEffect(() => {
    const colors = (): Theme => theme.peek();
    const axis = (name: string, size: number): uPlot.Axis => ({
      label: name,
      labelSize: 18,
      labelGap: 0,
      size,
      gap: 3,
      font: fontOf(11),
      labelFont: fontOf(11),
      stroke: () => colors().inkSoft,
      grid: { stroke: () => colors().line, width: 1 },
      ticks: { stroke: () => colors().line, width: 1, size: 4 },
    });
    const plot = new uPlot(
      {
        width: Math.max(1, width.peek()),
        height,
        legend: { show: false },
        cursor: { show: false },
        padding: [10, 12, 0, 0],
        scales: {
          x: { time: false, range: () => [...data.peek().x] },
          y: { distr: logarithmic ? 3 : 1, range: () => [...data.peek().y] },
        },
        axes: [
          axis(names[0], 26),
          {
            ...axis(names[1], 46),
            ...(logarithmic
              ? {
                  splits: () => decadeSplits(data.peek().y, height),
                  filter: (_u: uPlot, splits: number[]) => splits,
                  values: (_u: uPlot, splits: number[]) => splits.map(decadeLabel),
                }
              : {}),
          },
        ],
        series: [
          {},
          ...curves.map(({ color, width: stroke, dash, alpha = 1, points }): uPlot.Series => ({
            stroke: () => color(colors()),
            width: stroke,
            alpha,
            ...(dash === undefined ? {} : { dash: [...dash] }),
            points:
              points === undefined
                ? { show: false }
                : {
                    show: true,
                    size: points.size,
                    width: 1.5,
                    fill: () => (points.filled ? color(colors()) : colors().paper),
                    stroke: () => color(colors()),
                  },
          })),
        ],
        hooks: extra === undefined ? {} : { draw: [(u) => extra(u, colors())] },
      },
      aligned(data.peek(), curves.length),
      box.current!,
    );
    const renew = throttled(() => plot.setData(aligned(data.peek(), curves.length)), REDRAW_MS);
    const describe = throttled(() => box.current?.setAttribute('aria-label', label()), 3000);
    const ends = [
      data.subscribe(() => {
        renew.request();
        describe.request();
      }),
      theme.subscribe(() => plot.redraw(false)),
      width.subscribe((now) => {
        if (now > 0) plot.setSize({ width: now, height });
      }),
    ];
    return () => {
      ends.forEach((end) => end());
      renew.stop();
      describe.stop();
      plot.destroy();
    };
  }, []);
  return (
    <div class="chart" ref={box} role="img" aria-label="Nothing to show yet." style={{ minHeight: `${height}px` }} />
  );
};

/**
 * Returns the column of x, followed by one column for each curve. Columns are added or dropped if necessary, because
 * the data may briefly have a wrong number of columns after a change of the models.
 */
const aligned = ({ columns }: ChartData, curves: number): uPlot.AlignedData => {
  const x = columns[0] ?? [];
  return [
    x,
    ...Array.from({ length: curves }, (_, i) => columns[i + 1] ?? x.map(() => undefined)),
  ] as unknown as uPlot.AlignedData;
};

/**
 * Returns the ticks of a logarithmic axis at integer powers of ten. If the axis is too short for all labels, some
 * powers are skipped.
 */
const decadeSplits = ([low, high]: readonly [number, number], height: number): number[] => {
  const [from, to] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))];
  const step = Math.ceil((to - from) / Math.max(1, Math.floor((height - 50) / 24)));
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => powerOfTen(to - i * step)).toReversed();
};

const decadeLabel = (value: number): string => `10${raised(Math.round(Math.log10(value)))}`;

/** Draws a dashed horizontal line at `y`. `words` is the label of the line; an empty string means no label. */
export const drawLevel = (u: uPlot, y: number, words: string, color: string, paper: string): void => {
  const { ctx, bbox } = u;
  const at = u.valToPos(y, 'y', true);
  if (!(at >= bbox.top && at <= bbox.top + bbox.height)) return;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.fillStyle = color;
  ctx.lineWidth = 1.5 * scale;
  ctx.setLineDash([6 * scale, 4 * scale]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, at);
  ctx.lineTo(bbox.left + bbox.width, at);
  ctx.stroke();
  if (words === '') {
    ctx.restore();
    return;
  }
  ctx.font = fontOf(11 * scale, 600);
  ctx.textAlign = 'right';
  const above = bbox.top + bbox.height - at < 20 * scale;
  ctx.textBaseline = above ? 'bottom' : 'top';
  const [left, top] = [bbox.left + bbox.width - 4 * scale, at + (above ? -4 : 4) * scale];
  // The label has an outline in the color of the background, so that it is readable over the curves.
  ctx.setLineDash([]);
  ctx.lineJoin = 'round';
  ctx.lineWidth = 4 * scale;
  ctx.strokeStyle = paper;
  ctx.strokeText(words, left, top);
  ctx.fillText(words, left, top);
  ctx.restore();
};
