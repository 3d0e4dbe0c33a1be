import { areaY, dot, line, ruleY, type Markish } from '@observablehq/plot';
import { PHASE } from './colors.ts';
import type { CurvePoint, HeldOutLoss } from './curve-point.ts';
import { quantile } from './quantile.ts';
import type { LegendKey } from './render.ts';
import { medianAround, range, thinned, widened } from './statistics.ts';

/** A number of a training step. */
export interface Traced {
  readonly step: number;
  readonly value: number;
}

interface Tested extends Traced {
  readonly error: number;
}

/** What the panel of losses shows. */
export interface Losses {
  readonly batches: readonly Traced[];
  /** Validation losses, with the losses of the start and of the chosen step. */
  readonly tested: readonly Tested[];
  readonly start: HeldOutLoss | undefined;
  readonly domain: readonly [low: number, high: number];
  /** Whether the losses of the batches vary so little that their running median would hide them. */
  readonly isSmooth: boolean;
  /** Steps with losses above the frame, for marks that do not touch. */
  readonly cut: readonly number[];
}

/** Largest number of points of a curve. */
const MOST_POINTS = 1500;
/** With more validations than this, or closer to each other than this share of the run, points are left out. */
const POINTS = { most: 60, share: 0.012 } as const;
/** With at most this many batches, each has a point: a line of one point is invisible. */
const FEW = 10;
/** Batches are smooth if 95 % of them are nearer to the running median than this share of the axis. */
const SMOOTH = 0.03;

/** Returns the finite values of the steps. */
export const present = (
  metrics: readonly CurvePoint[],
  pick: (point: CurvePoint) => number | undefined,
): readonly Traced[] =>
  metrics.flatMap((point) => {
    const value = pick(point);
    return value === undefined || !Number.isFinite(value) ? [] : [{ step: point.step, value }];
  });

/** Returns half the width of the window of running medians: the window has at least 5 and at most 201 steps. */
const halfOf = (count: number): number => Math.min(100, Math.max(2, Math.floor(count / 100)));

/** Returns running medians. The window is a fiftieth of the run. */
export const medians = (traced: readonly Traced[]): readonly Traced[] => {
  const values = traced.map(({ value }) => value);
  const half = halfOf(values.length);
  return thinned(
    traced.map(({ step }, i) => ({ step, i })),
    MOST_POINTS,
  ).map(({ step, i }) => ({ step, value: medianAround(values, i, half) }));
};

/** Collects the losses of a run. `chosen` is the loss of the chosen step. */
export const lossesOf = (
  metrics: readonly CurvePoint[],
  start: HeldOutLoss | undefined,
  chosen: (HeldOutLoss & { readonly step: number }) | undefined,
): Losses => {
  const batches = present(metrics, ({ loss }) => loss);
  const tested = testedOf(metrics, start, chosen);
  const smooth = medians(batches);
  const domain = domainOf(batches, smooth, tested, [chosen?.loss, start?.loss]);
  const height = domain[1] - domain[0];
  const near = batches.map(({ value }, i) => Math.abs(value - (smooth[i]?.value ?? Infinity)));
  const [first, last] = range(metrics.map(({ step }) => step));
  const cut: number[] = [];
  for (const { step, value } of batches)
    if (value > domain[1] && !(step - (cut.at(-1) ?? -Infinity) < POINTS.share * (last - first))) cut.push(step);
  return {
    batches,
    tested,
    start,
    domain,
    isSmooth: batches.length <= MOST_POINTS && quantile(near, 0.95) < SMOOTH * height,
    cut,
  };
};

/** Returns the validation losses. The start and the chosen step may come before the first step of the metrics. */
const testedOf = (
  metrics: readonly CurvePoint[],
  start: HeldOutLoss | undefined,
  chosen: (HeldOutLoss & { readonly step: number }) | undefined,
): readonly Tested[] => {
  const own = metrics.flatMap(({ step, validation }) => (validation === undefined ? [] : [{ step, ...validation }]));
  const known = [...(start === undefined ? [] : [{ step: 0, ...start }]), ...own];
  const all = chosen === undefined || known.some(({ step }) => step === chosen.step) ? known : [...known, chosen];
  return all
    .map(({ step, loss, standardError }) => ({ step, value: loss, error: standardError }))
    .toSorted((a, b) => a.step - b.step);
};

/**
 * Returns the range of the loss axis: the range of the losses after the first tenth of the run, without extreme
 * batches, and the losses of the start and of the chosen step.
 */
const domainOf = (
  batches: readonly Traced[],
  smooth: readonly Traced[],
  tested: readonly Tested[],
  others: readonly (number | undefined)[],
): readonly [number, number] => {
  const afterTenth = <T>(values: readonly T[]): readonly T[] => values.slice(Math.floor(values.length / 10));
  const settled = afterTenth(smooth).map(({ value }) => value);
  const late = afterTenth(tested).flatMap(({ value, error }) => [value - error, value + error]);
  const later = afterTenth(batches).map(({ value }) => value);
  const known = others.filter((value) => value !== undefined);
  return widened(range([quantile(later, 0.005), quantile(later, 0.98), ...settled, ...late, ...known]), 0.06);
};

/** Returns the legend of the losses. `rows` is the name of the rows, such as `rows` or `images`. */
export const lossKeys = (
  { batches, tested, start, isSmooth, cut }: Losses,
  rows: string,
  startName: string,
): readonly LegendKey[] => [
  isSmooth
    ? { name: `training ${rows}: each batch`, color: PHASE.training, mark: 'line' }
    : { name: `training ${rows}: each batch`, color: PHASE.training, mark: 'line', opacity: PALE },
  ...(isSmooth
    ? []
    : [
        {
          name: `training ${rows}: median of ${2 * halfOf(batches.length) + 1} steps`,
          color: PHASE.training,
          mark: 'line',
        } as const,
      ]),
  ...(cut.length === 0 ? [] : [{ name: 'batches above the frame', color: PHASE.training, mark: 'triangle' } as const]),
  ...(tested.length === 0
    ? []
    : [{ name: `validation ${rows} ± 1 standard error`, color: PHASE.validation, mark: 'line' } as const]),
  ...(start === undefined
    ? []
    : [{ name: `start: ${startName}`, color: PHASE.validation, mark: 'line', dash: START.strokeDasharray } as const]),
];

const PALE = 0.45;
const START = { strokeDasharray: '2,3', strokeWidth: 1.6 } as const;

/** Returns the marks of the losses. */
export const lossMarks = ({ batches, tested, start, domain, isSmooth, cut }: Losses): readonly Markish[] => {
  const shown = clamped(tested, domain);
  const dots = shown.length > POINTS.most ? [] : separate(shown);
  return [
    ...(isSmooth
      ? [line(clamped(batches, domain), { x: 'step', y: 'value', stroke: PHASE.training, strokeWidth: 2 })]
      : traced(batches, PHASE.training, domain)),
    ...(batches.length > FEW
      ? []
      : [dot(clamped(batches, domain), { x: 'step', y: 'value', fill: PHASE.training, r: 2.5 })]),
    dot(cut, {
      x: (step: number) => step,
      y: domain[1] - 0.012 * (domain[1] - domain[0]),
      symbol: 'triangle',
      r: 3,
      fill: PHASE.training,
    }),
    areaY(shown, {
      x: 'step',
      y1: ({ value, error }: Tested) => value - error,
      y2: ({ value, error }: Tested) => value + error,
      fill: PHASE.validation,
      fillOpacity: 0.18,
    }),
    ...(start === undefined ? [] : [ruleY([start.loss], { stroke: PHASE.validation, ...START })]),
    line(shown, { x: 'step', y: 'value', stroke: PHASE.validation, strokeWidth: 2 }),
    dot(dots, { x: 'step', y: 'value', fill: PHASE.validation, r: 3 }),
  ];
};

/** Leaves out points that would touch the next point. */
const separate = <T extends Traced>(points: readonly T[]): readonly T[] => {
  const least = POINTS.share * ((points.at(-1)?.step ?? 0) - (points[0]?.step ?? 0));
  const kept: T[] = [];
  for (const point of points.toReversed())
    if (kept.length === 0 || kept.at(-1)!.step - point.step > least) kept.push(point);
  return kept.toReversed();
};

/** Returns marks that draw all values (pale) and their running median. */
export const traced = (
  values: readonly Traced[],
  color: string,
  domain: readonly [number, number],
): readonly Markish[] => [
  line(clamped(thinned(values, MOST_POINTS), domain), {
    x: 'step',
    y: 'value',
    stroke: color,
    strokeOpacity: PALE,
    strokeWidth: 1.2,
  }),
  line(clamped(medians(values), domain), { x: 'step', y: 'value', stroke: color, strokeWidth: 2 }),
];

/**
 * Clamps values to a range that exceeds the frame by half its height on each side. The renderer resvg clips a drawing
 * at the frame, but omits a drawing that is much larger than the picture.
 */
const clamped = <T extends Traced>(values: readonly T[], [low, high]: readonly [number, number]): readonly T[] =>
  values.map((entry) => ({
    ...entry,
    value: Math.min(high + (high - low) / 2, Math.max(low - (high - low) / 2, entry.value)),
  }));
