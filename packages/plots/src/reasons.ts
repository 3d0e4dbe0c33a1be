import { barX, frame, gridX, ruleX, text } from '@observablehq/plot';
import { INK } from './colors.ts';
import { HEADER, label, panel, renderFigure } from './render.ts';
import { shortened } from './text.ts';

/** A bar of {@link ReasonsRow}. */
export interface ReasonBar {
  /** Name of the column. */
  readonly column: string;
  /** Contribution of the column in nats, which may be infinite. */
  readonly part: number;
  /** Value of the cell, as a string. */
  readonly value: string;
  /** Likeliest value of the cell given the other cells, as a string. */
  readonly typical: string;
}

/** A row of a table, with the contributions of its columns to the log-density. */
export interface ReasonsRow {
  /** Text above the bars of the row. */
  readonly title: string;
  /** Contributions of the columns, the greatest first. Empty for a row without an explanation. */
  readonly reasons: readonly ReasonBar[];
}

/** Input of {@link reasonsPlot}. */
export interface ReasonsPlotInput {
  /** Text at the top. */
  readonly title: string;
  /** Rows, the least likely first. */
  readonly rows: readonly ReasonsRow[];
}

/** Largest number of bars of a row. */
const BARS = 6;
const ACROSS = 2;
const WIDTH = 620;
const NAMES = 180;
const TEXTS = 230;
/** Smallest allowed upper end of the axis, in nats. With this limit, small contributions look small. */
const LEAST = 5;
const BAR = 20;
const GAP = 14;
const TITLE = 24;
const AXIS = 36;

/**
 * Draws a PNG that shows why rows are unlikely. For each row, bars show the six greatest contributions of its columns,
 * in nats. The value of the cell and its typical value stand beside each bar. Each row has its own axis, which cuts off
 * infinite contributions.
 */
export const reasonsPlot = ({ title, rows }: ReasonsPlotInput): Uint8Array => {
  const shown = rows.map(({ title: own, reasons }) => ({ title: own, reasons: reasons.slice(0, BARS) }));
  const left = Math.max(0, ...rows.map(({ reasons }) => reasons.length)) > BARS;
  const bars = Math.max(1, ...shown.map(({ reasons }) => reasons.length));
  const height = TITLE + bars * BAR + AXIS + GAP;
  const across = Math.min(ACROSS, Math.max(1, shown.length));
  const top = HEADER.subtitle + 8;
  return renderFigure({
    width: across * WIDTH,
    height: top + Math.ceil(shown.length / across) * height,
    title,
    subtitle: `The ${shown.length} least likely rows; bars: nats gained if the cell were drawn given the others${left ? `; the ${BARS} greatest of each` : ''}`,
    parts: shown.flatMap(({ title: own, reasons }, i) => {
      const [x, y] = [(i % across) * WIDTH, top + Math.floor(i / across) * height];
      return [
        { element: label(shortened(own, WIDTH - 32, 12), { bold: true }), x: x + 16, y: y + 16 },
        reasons.length === 0
          ? {
              element: label('no reasons: its solves failed, or all cells are missing', { color: '#555' }),
              x: x + 16,
              y: y + 40,
            }
          : { element: barsOf(reasons), x, y: y + TITLE },
      ];
    }),
  });
};

const barsOf = (reasons: readonly ReasonBar[]): Element => {
  const finite = reasons.map(({ part }) => part).filter(Number.isFinite);
  const [low, high] = [1.04 * Math.min(0, ...finite), 1.04 * Math.max(LEAST, ...finite)];
  // The shortened names of two columns may be equal, so each bar is identified by its number.
  const bars = reasons.map(({ part, ...rest }, i) => ({ ...rest, i, end: Math.min(high, Math.max(low, part)), part }));
  return panel({
    width: WIDTH,
    height: bars.length * BAR + AXIS,
    marginLeft: NAMES,
    marginRight: TEXTS,
    marginTop: 2,
    marginBottom: AXIS - 2,
    x: { domain: [low, high], label: 'nats', labelAnchor: 'center', labelArrow: 'none', ticks: 4 },
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
      barX(bars, { y: 'i', x1: 0, x2: 'end', fill: ({ part }) => (part > 0 ? INK.vermilion : INK.gray) }),
      ruleX([0], { stroke: '#222' }),
      text(bars, {
        y: 'i',
        frameAnchor: 'right',
        dx: 8,
        textAnchor: 'start',
        text: ({ value, typical, part }) =>
          shortened(
            `${value === typical ? `${value}, as is typical` : `${value}, typical ${typical}`}${Number.isFinite(part) ? '' : ' (infinite)'}`,
            TEXTS - 12,
          ),
      }),
      frame({ stroke: '#999' }),
    ],
  });
};
