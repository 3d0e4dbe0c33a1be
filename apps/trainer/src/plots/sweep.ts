import { dot, frame, gridY, line, rect, ruleX, scale, text, type Markish } from '@observablehq/plot';
import { quantile } from '../measure/quantile.ts';
import { number } from '../terminal/format.ts';
import { INK } from './colors.ts';
import { HEADER, label, legend, panel, renderFigure, shortened, type LegendKey } from './render.ts';
import { range, widened } from './statistics.ts';

/** A trial in the picture of a sweep. */
export interface SweepPlotTrial {
  readonly name: string;
  readonly kind: 'best' | 'defaults' | 'other';
  /** Steps of the validations and their losses in nats, in order. */
  readonly curve: readonly (readonly [step: number, nats: number])[];
  /** Least validation loss, in nats; null if the training failed. */
  readonly validation: number | null;
  /** Values of the parameters, as texts. */
  readonly values: Readonly<Record<string, string>>;
}

/** An axis of parameters: the values of a list, or the ends of an interval. */
export type SweepPlotAxis =
  | { readonly name: string; readonly values: readonly string[] }
  | { readonly name: string; readonly low: number; readonly high: number; readonly scale: 'log' | 'real' | 'int' };

/** Input of {@link sweepPlot}. */
export interface SweepPlotInput {
  readonly title: string;
  readonly subtitle: string;
  /** Steps of the rungs. */
  readonly rungs: readonly number[];
  readonly axes: readonly SweepPlotAxis[];
  /** The best first. */
  readonly trials: readonly SweepPlotTrial[];
}

const WIDTH = 860;
const LEFT = 66;
const RIGHT = 92;
const CURVES = 330;
const PARALLEL = 330;
/** Nats above the least loss that are shown, as a multiple of the median distance. */
const SHOWN = 3;
/** Largest shift of a line from the value of a list, as a share of the axis, so that equal ones can be told apart. */
const SPREAD = 0.025;

/**
 * A PNG of a sweep. Above: the least validation loss so far of each trial against its steps. Below: the parameters of
 * each trial as a line from axis to axis, which ends at its loss. Colors are losses; large losses are cut.
 */
export const sweepPlot = ({ title, subtitle, rungs, axes, trials }: SweepPlotInput): Uint8Array => {
  const losses = trials.flatMap(({ validation }) => (validation === null ? [] : [validation]));
  const domain = natsDomain(losses);
  const colorOf = lossColor(domain);
  const top = HEADER.subtitle + 24;
  const keys: readonly LegendKey[] = [
    { name: 'best', color: '#440154', mark: 'line' },
    { name: 'the defaults', color: INK.vermilion, mark: 'line', dash: '6,3' },
    ...(losses.length < trials.length ? [{ name: 'failed', color: '#999', mark: 'line', dash: '2,3' } as const] : []),
  ];
  return renderFigure({
    width: WIDTH,
    height: top + CURVES + 24 + PARALLEL + 8,
    title,
    subtitle,
    parts: [
      { element: legend(keys), x: LEFT, y: HEADER.subtitle + 14 },
      { element: curvesPanel(trials, rungs, domain, colorOf), x: 0, y: top },
      { element: label('Parameters of each trial', { size: 12, bold: true }), x: LEFT, y: top + CURVES + 18 },
      { element: parallelPanel(trials, axes, domain, colorOf), x: 0, y: top + CURVES + 24 },
    ],
  });
};

type Domain = readonly [low: number, high: number];

/** From the least loss to the greatest, or to three times the median distance. */
const natsDomain = (losses: readonly number[]): Domain => {
  const [low, high] = range(losses);
  if (losses.length === 0) return [0, 1];
  return widened([low, Math.min(high, low + SHOWN * Math.max(1e-9, quantile([...losses], 0.5) - low))], 0.06);
};

/** Dark for small losses. The brightest colors are left out: they are hard to see on white. */
const lossColor = ([low, high]: Domain): ((nats: number) => string) => {
  const color = scale({ color: { type: 'linear', scheme: 'viridis', domain: [low, high + 0.12 * (high - low)] } });
  return (nats) => String(color.apply(Math.min(high, nats)));
};

const strokeOf = (
  { kind, validation }: SweepPlotTrial,
  colorOf: (nats: number) => string,
): { readonly stroke: string; readonly strokeWidth: number; readonly strokeDasharray: string } => ({
  stroke: kind === 'defaults' ? INK.vermilion : validation === null ? '#999' : colorOf(validation),
  strokeWidth: kind === 'best' ? 3.5 : kind === 'defaults' ? 2.2 : 1.6,
  strokeDasharray: kind === 'defaults' ? '6,3' : validation === null ? '2,3' : 'none',
});

/** Logarithms of the steps and least losses so far, after each validation. Losses far beyond the frame are cut. */
const leastSoFar = ({ curve }: SweepPlotTrial, [low, high]: Domain): readonly (readonly [number, number])[] => {
  let least = high + 0.3 * (high - low);
  return curve.map(([step, nats]) => {
    if (nats < least) least = nats;
    return [Math.log(step), least] as const;
  });
};

const curvesPanel = (
  trials: readonly SweepPlotTrial[],
  rungs: readonly number[],
  domain: Domain,
  colorOf: (nats: number) => string,
): Element => {
  const last = rungs.at(-1)!;
  const first = Math.min(rungs[0]!, ...trials.flatMap(({ curve }) => curve.slice(0, 1).map(([step]) => step)));
  const ends = trials
    .filter(({ kind }) => kind !== 'other')
    .flatMap((trial) => {
      const end = leastSoFar(trial, domain).at(-1);
      return end === undefined || end[1] > domain[1] ? [] : [{ trial, x: end[0], y: end[1] }];
    });
  return panel({
    width: WIDTH,
    height: CURVES,
    marginLeft: LEFT,
    marginRight: RIGHT,
    marginTop: 8,
    marginBottom: 42,
    x: {
      // Of an axis of type log, Plot drops labels that are given.
      domain: [Math.min(first, last / 1.01), last].map(Math.log),
      label: rungs.length > 1 ? 'Step (logarithmic; vertical lines: rungs)' : 'Step (logarithmic)',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: [...new Set([first, ...rungs])].map(Math.log),
      tickFormat: (x: number) => Math.round(Math.exp(x)).toLocaleString('en'),
    },
    y: {
      domain,
      label: 'Least validation loss so far (nats)',
      labelAnchor: 'center',
      labelArrow: 'none',
      labelOffset: 54,
      ticks: 6,
    },
    marks: [
      gridY({ stroke: '#ddd', strokeOpacity: 1 }),
      ruleX(rungs.map(Math.log), { stroke: '#bbb' }),
      ...drawnOrder(trials).map((trial): Markish =>
        line(leastSoFar(trial, domain), { ...strokeOf(trial, colorOf), curve: 'step-after', clip: true }),
      ),
      dot(
        trials.flatMap((trial) => {
          const end = leastSoFar(trial, domain).at(-1);
          return end === undefined || end[1] > domain[1] ? [] : [{ x: end[0], y: end[1], trial }];
        }),
        { x: 'x', y: 'y', r: 2.5, fill: ({ trial }: { trial: SweepPlotTrial }) => strokeOf(trial, colorOf).stroke },
      ),
      frame({ stroke: '#999' }),
      text(spreadEnds(ends, domain), {
        x: 'x',
        y: 'y',
        text: ({ trial }: (typeof ends)[number]) => trial.name,
        fill: ({ trial }: (typeof ends)[number]) => strokeOf(trial, colorOf).stroke,
        textAnchor: 'start',
        dx: 6,
      }),
    ],
  });
};

/** The best and the defaults lie on top. */
const drawnOrder = (trials: readonly SweepPlotTrial[]): readonly SweepPlotTrial[] => {
  const order = ['other', 'defaults', 'best'];
  return trials.toReversed().toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
};

/** Labels that would overlap are moved apart. */
const spreadEnds = <T extends { readonly y: number }>(ends: readonly T[], [low, high]: Domain): readonly T[] => {
  const gap = (14 / (CURVES - 50)) * (high - low);
  let floor = -Infinity;
  return ends
    .toSorted((a, b) => a.y - b.y)
    .map((end) => {
      const y = Math.max(end.y, floor);
      floor = y + gap;
      return { ...end, y };
    });
};

/** A place on an axis: from 0 at the bottom to 1. */
interface Tick {
  readonly at: number;
  readonly name: string;
}

const parallelPanel = (
  trials: readonly SweepPlotTrial[],
  axes: readonly SweepPlotAxis[],
  domain: Domain,
  colorOf: (nats: number) => string,
): Element => {
  const [low, high] = domain;
  const last = axes.length;
  const heightOf = (nats: number): number => Math.min(1, (nats - low) / (high - low));
  const isCut = trials.some(({ validation }) => validation !== null && validation > high);
  const hasFailed = trials.some(({ validation }) => validation === null);
  const names = [...axes.map(({ name }) => name), WIDTH > 130 * last + LEFT + RIGHT ? 'validation nats' : 'nats'];
  const room = (WIDTH - LEFT - RIGHT) / last;
  const ticks = [...axes.map(ticksOf), lossTicks(domain, isCut)].flatMap((places, axis) =>
    places.map(({ at, name }) => ({ axis, at, name: shortened(name, axis === last ? RIGHT - 22 : room - 20) })),
  );
  const lines = drawnOrder(trials.filter(({ kind, values }) => kind === 'best' || Object.keys(values).length > 0));
  const defaults = trials.find(({ kind }) => kind === 'defaults');
  return panel({
    width: WIDTH,
    height: PARALLEL,
    marginLeft: LEFT,
    marginRight: RIGHT,
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
      ...(defaults === undefined || defaults.validation === null
        ? []
        : [
            line(
              [last - 0.04, last + 10 / room].map((x) => [x, heightOf(defaults.validation!)] as const),
              { stroke: INK.vermilion, strokeWidth: 3 },
            ),
          ]),
    ],
  });
};

/** Where lines of failed trials end above the axis of losses. */
const FAILED = 0.06;

/** The values of a list from the bottom up: numbers by size, others as given. */
const ordered = (values: readonly string[]): readonly string[] =>
  values.every((value) => Number.isFinite(Number(value))) ? values.toSorted((a, b) => Number(a) - Number(b)) : values;

const placeOf = (axis: SweepPlotAxis, value: string, shift: number): number => {
  if (!('values' in axis)) return shareOf(axis, Number(value));
  const values = ordered(axis.values);
  const at = values.length === 1 ? 0.5 : values.indexOf(value) / (values.length - 1);
  return at + 2 * SPREAD * shift;
};

const shareOf = (
  { low, high, scale: kind }: { readonly low: number; readonly high: number; readonly scale: string },
  value: number,
): number => (kind === 'log' ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low));

const ticksOf = (axis: SweepPlotAxis): readonly Tick[] => {
  if ('values' in axis) return axis.values.map((name) => ({ at: placeOf(axis, name, 0), name }));
  const { low, high, scale: kind } = axis;
  const middle = kind === 'log' ? Math.sqrt(low * high) : (low + high) / 2;
  return [low, kind === 'int' ? Math.round(middle) : middle, high]
    .filter((value, i, all) => all.indexOf(value) === i)
    .map((value) => ({ at: shareOf(axis, value), name: number(value, 2) }));
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

/** The nearest of 1, 2 and 5 times a power of ten. */
const roundStep = (length: number): number => {
  const power = 10 ** Math.floor(Math.log10(length));
  const [step] = [1, 2, 5, 10].toSorted((a, b) => Math.abs(a - length / power) - Math.abs(b - length / power));
  return step! * power;
};
