import { line, rect, ruleX, text, type Markish } from '@observablehq/plot';
import type { Domain } from './domain.ts';
import { panel } from './render.ts';
import { SWEEP } from './sweep-size.ts';
import { drawnOrder, isRated, strokeOf, type SweepPlotTrial } from './sweep-trial.ts';
import { shortened } from './text.ts';
import { roundStep } from './ticks.ts';

/** The axis of a parameter that was drawn from a list. The first value is at the bottom. Numbers are sorted. */
export interface ListAxis {
  /** Name of the parameter. */
  readonly name: string;
  /** Values in the list. */
  readonly values: readonly string[];
}

/** The axis of a parameter that was drawn from an interval. */
export interface IntervalAxis {
  /** Name of the parameter. */
  readonly name: string;
  /** Least value. */
  readonly low: number;
  /** Greatest value. */
  readonly high: number;
  /** Scale of the axis: `log` is logarithmic; `real` and `int` are linear, and the ticks of `int` are whole numbers. */
  readonly scale: 'log' | 'real' | 'int';
}

/** The axis of a parameter in {@link sweepPlot}. */
export type SweepPlotAxis = ListAxis | IntervalAxis;

/**
 * Largest shift of a line from its value on the axis of a list, as a fraction of the length of the axis. The shift
 * separates lines with equal values.
 */
const SPREAD = 0.025;
/**
 * The lines of failed trials end at this distance above the upper end of the axis of losses. The distance is a fraction
 * of the length of the axis.
 */
const FAILED = 0.06;

/** Draws the parameters of each trial as a line from axis to axis. The line ends at the loss of the trial. */
export const sweepParameters = (
  trials: readonly SweepPlotTrial[],
  axes: readonly SweepPlotAxis[],
  domain: Domain,
  colorOf: (nats: number) => string,
  format: (value: number) => string,
): Element => {
  const [low, high] = domain;
  const last = axes.length;
  const heightOf = (nats: number): number => Math.min(1, (nats - low) / (high - low));
  const isCut = trials.some(({ validation }) => validation !== null && validation > high);
  const hasFailed = trials.some(({ validation }) => validation === null);
  const names = [
    ...axes.map(({ name }) => name),
    SWEEP.width > 130 * last + SWEEP.left + SWEEP.right ? 'validation loss' : 'loss',
  ];
  const room = (SWEEP.width - SWEEP.left - SWEEP.right) / last;
  const ticks = [...axes.map((axis) => ticksOf(axis, format)), lossTicks(domain, isCut)].flatMap((places, axis) =>
    places.map(({ at, name }) => ({ axis, at, name: shortened(name, axis === last ? SWEEP.right - 22 : room - 20) })),
  );
  const lines = drawnOrder(trials.filter(({ values }) => Object.keys(values).length > 0));
  const defaults = trials.filter(isRated).find(({ values }) => Object.keys(values).length === 0);
  return panel({
    width: SWEEP.width,
    height: SWEEP.parameters,
    marginLeft: SWEEP.left,
    marginRight: SWEEP.right,
    marginTop: hasFailed ? 44 : 28,
    marginBottom: 14,
    x: { domain: [0, last], axis: null },
    y: { domain: [0, 1], axis: null },
    marks: [
      ...lines.map((trial, i): Markish =>
        line(
          [
            ...axes.map(
              (axis, at) =>
                [
                  at,
                  placeOf(axis, trial.values[axis.name]!, lines.length < 2 ? 0 : i / (lines.length - 1) - 0.5),
                ] as const,
            ),
            [last, trial.validation === null ? 1 + FAILED : heightOf(trial.validation)] as const,
          ],
          { ...strokeOf(trial, colorOf), strokeOpacity: trial.kind === 'best' ? 1 : 0.85 },
        ),
      ),
      ruleX(
        names.map((_, axis) => axis),
        { stroke: '#444', strokeWidth: 1.2 },
      ),
      rect(
        Array.from({ length: 64 }, (_, i) => ({ y1: i / 64, y2: Math.min(1, (i + 1.5) / 64) })),
        {
          x1: () => last,
          x2: () => last + 10 / room,
          y1: 'y1',
          y2: 'y2',
          fill: ({ y1 }: { y1: number }) => colorOf(low + y1 * (high - low)),
        },
      ),
      ...[false, true].map((ofLosses): Markish =>
        text(
          ticks.filter(({ axis }) => (axis === last) === ofLosses),
          {
            x: 'axis',
            y: 'at',
            text: 'name',
            textAnchor: 'start',
            dx: ofLosses ? 18 : 6,
            stroke: 'white',
            strokeWidth: 4,
            fill: '#222',
          },
        ),
      ),
      text(
        names.map((name, axis) => ({ axis, name: shortened(name, Math.min(room - 8, 130)) })),
        { x: 'axis', y: () => 1, text: 'name', dy: hasFailed ? -32 : -16, fontWeight: 'bold' },
      ),
      ...(hasFailed
        ? [text([[last, 1 + FAILED]], { text: () => 'failed', textAnchor: 'start', dx: 8, fill: '#777' })]
        : []),
      ...(defaults === undefined
        ? []
        : [
            line(
              [last - 0.04, last + 10 / room].map((x) => [x, heightOf(defaults.validation)] as const),
              { stroke: strokeOf(defaults, colorOf).stroke, strokeWidth: 3 },
            ),
          ]),
    ],
  });
};

/** A tick at a position on an axis: 0 at the bottom, 1 at the top. */
interface Tick {
  readonly at: number;
  readonly name: string;
}

/**
 * Returns the values of a list in the order from the bottom to the top of the axis: numbers sorted, other values in the
 * given order.
 */
const ordered = (values: readonly string[]): readonly string[] =>
  values.every((value) => Number.isFinite(Number(value))) ? values.toSorted((a, b) => Number(a) - Number(b)) : values;

const placeOf = (axis: SweepPlotAxis, value: string, shift: number): number => {
  if (!('values' in axis)) return shareOf(axis, Number(value));
  const values = ordered(axis.values);
  const at = values.length === 1 ? 0.5 : values.indexOf(value) / (values.length - 1);
  return at + 2 * SPREAD * shift;
};

const shareOf = ({ low, high, scale: kind }: IntervalAxis, value: number): number =>
  kind === 'log' ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);

const ticksOf = (axis: SweepPlotAxis, format: (value: number) => string): readonly Tick[] => {
  if ('values' in axis) return axis.values.map((name) => ({ at: placeOf(axis, name, 0), name }));
  const { low, high, scale: kind } = axis;
  const middle = kind === 'log' ? Math.sqrt(low * high) : (low + high) / 2;
  return [low, kind === 'int' ? Math.round(middle) : middle, high]
    .filter((value, i, all) => all.indexOf(value) === i)
    .map((value) => ({ at: shareOf(axis, value), name: format(value) }));
};

const lossTicks = ([low, high]: Domain, isCut: boolean): readonly Tick[] => {
  const step = roundStep((high - low) / 6);
  const decimals = Math.max(0, -Math.floor(Math.log10(step)));
  const first = Math.ceil(low / step);
  const ticks = Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step).map(
    (nats) => ({ at: (nats - low) / (high - low), name: nats.toFixed(decimals) }),
  );
  return isCut ? [...ticks.filter(({ at }) => at < 0.95), { at: 1, name: 'more' }] : ticks;
};
