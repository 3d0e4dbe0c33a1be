import { areaY, dot, line, ruleX, type Markish } from '@observablehq/plot';
import { INK } from './colors.ts';
import { lineAxes } from './lines.ts';
import { quantile } from './quantile.ts';
import { HEADER, legend, renderFigure, type LegendKey } from './render.ts';
import { medianAround, range, thinned, widened } from './statistics.ts';

/** A held-out loss with its standard error. Both numbers are finite. */
export interface HeldOutLoss {
  /** Mean loss of the held-out rows. */
  readonly loss: number;
  /** Standard error of the mean. */
  readonly standardError: number;
}

/** A training step. Losses are in the unit that {@link CurvesOptions} names. */
export interface CurvePoint {
  /** Step, from 1. */
  readonly step: number;
  /** Training loss of the batch. */
  readonly loss: number;
  /** Held-out loss. */
  readonly validation?: HeldOutLoss;
  /** Mean solver steps per sample and block. */
  readonly solverSteps?: number;
  /** Learning rate of the step. */
  readonly learningRate?: number;
  /** Fraction of the held-out images that are classified correctly. */
  readonly accuracy?: number;
}

/** Options of {@link curvesPlot}. */
export interface CurvesOptions {
  /** Title of the figure. Default `Training`. */
  readonly title?: string;
  /** Name of the unit of the losses. Default `nats per row`. */
  readonly unit?: string;
  /**
   * Step whose weights the model has, with its held-out loss. The step may be 0, before the first step. Default: no
   * step is marked.
   */
  readonly chosen?: HeldOutLoss & { readonly step: number };
}

const WIDTH = 820;
const MOST_POINTS = 1500;

/**
 * Draws a training run as a PNG: the loss of every batch (faint) with its running median, and the held-out loss with
 * one standard error on either side. A line marks the chosen step. Panels below show the held-out accuracy, the solver steps, and the learning rate
 * if it changes. A panel that would have no values is not drawn.
 *
 * @remarks The y axis of the losses covers the values after the first tenth of the run. Larger losses at the beginning
 * of the run are cut off.
 */
export const curvesPlot = (
  metrics: readonly CurvePoint[],
  { title = 'Training', unit = 'nats per row', chosen }: CurvesOptions = {},
): Uint8Array => {
  const tested = heldOutLosses(metrics, chosen);
  const losses = lossDomain(metrics, tested, chosen?.loss);
  // The margin keeps points at the ends of the run whole.
  const x = { domain: widened(range([...metrics, ...tested].map(({ step }) => step)), 0.015), whole: true };
  const rates = present(metrics, ({ learningRate }) => learningRate);
  const steps = present(metrics, ({ solverSteps }) => solverSteps);
  const [, highestRate] = range(rates.map(({ value }) => value));
  const solver = [0, 1.15 * range(steps.map(({ value }) => value))[1]] as const;
  const accuracies = present(metrics, ({ accuracy }) => (accuracy === undefined ? undefined : 100 * accuracy));
  const share = widened(range(accuracies.map(({ value }) => value)), 0.08);
  const lower = [
    ...(accuracies.length === 0
      ? []
      : [
          {
            label: 'Accuracy (%)',
            domain: share,
            marks: [
              line(accuracies, { x: 'step', y: 'value', stroke: INK.vermilion, strokeWidth: 2 }),
              dot(accuracies, { x: 'step', y: 'value', fill: INK.vermilion, r: accuracies.length > 60 ? 0 : 3 }),
            ],
          },
        ]),
    ...(steps.length === 0 ? [] : [{ label: 'Solver steps', domain: solver, marks: traced(steps, INK.green, solver) }]),
    ...(new Set(rates.map(({ value }) => value)).size < 2
      ? []
      : [
          {
            label: 'Learning rate',
            domain: [0, 1.1 * highestRate] as const,
            marks: [line(thinned(rates, MOST_POINTS), { x: 'step', y: 'value', stroke: INK.purple, strokeWidth: 1.8 })],
          },
        ]),
  ];
  const top = HEADER.title + 24;
  const [tall, low] = [340, 130];
  const bottom = 20;
  const keys: readonly LegendKey[] = [
    { name: 'batch', color: '#9cc4de', mark: 'line' },
    { name: 'running median', color: INK.blue, mark: 'line' },
    ...(tested.length > 0
      ? [{ name: 'held-out ± 1 standard error', color: INK.vermilion, mark: 'line' } as const]
      : []),
    ...(chosen === undefined
      ? []
      : [
          {
            name:
              chosen.step === 0 ? 'chosen: before the first step' : `chosen: step ${chosen.step.toLocaleString('en')}`,
            color: INK.black,
            mark: 'dot',
          } as const,
        ]),
  ];
  return renderFigure({
    width: WIDTH,
    height: top + tall + lower.length * low + (lower.length === 0 ? 0 : bottom) + 6,
    title,
    parts: [
      { element: legend(keys), x: 66, y: HEADER.title + 14 },
      {
        element: lineAxes(
          {
            width: WIDTH,
            height: tall,
            x: { ...x, name: lower.length === 0 ? 'Step' : '' },
            y: { name: `Loss (${unit})`, domain: losses },
          },
          [...lossMarks(metrics, tested, losses), ...chosenMarks(chosen)],
        ),
        x: 0,
        y: top,
      },
      ...lower.map(({ label, domain, marks }, i) => {
        const last = i === lower.length - 1;
        return {
          element: lineAxes(
            {
              width: WIDTH,
              height: low + (last ? bottom : 0),
              x: { ...x, name: last ? 'Step' : '' },
              y: { name: label, domain },
            },
            [...(chosen === undefined ? [] : [ruleX([chosen.step], CHOSEN)]), ...marks],
          ),
          x: 0,
          y: top + tall + i * low,
        };
      }),
    ],
  });
};

interface Traced {
  readonly step: number;
  readonly value: number;
}

const present = (metrics: readonly CurvePoint[], pick: (point: CurvePoint) => number | undefined): readonly Traced[] =>
  metrics.flatMap((point) => {
    const value = pick(point);
    return value === undefined || !Number.isFinite(value) ? [] : [{ step: point.step, value }];
  });

/** Returns running medians. The window is a fiftieth of the run, but has at least 5 and at most 201 values. */
const medians = (traced: readonly Traced[]): readonly Traced[] => {
  const values = traced.map(({ value }) => value);
  const half = Math.min(100, Math.max(2, Math.floor(values.length / 100)));
  return thinned(
    traced.map(({ step }, i) => ({ step, i })),
    MOST_POINTS,
  ).map(({ step, i }) => ({ step, value: medianAround(values, i, half) }));
};

/** Returns marks that draw all values (faint) and their running median. */
const traced = (values: readonly Traced[], color: string, domain: readonly [number, number]): readonly Markish[] => [
  line(clamped(thinned(values, MOST_POINTS), domain), {
    x: 'step',
    y: 'value',
    stroke: color,
    strokeOpacity: 0.35,
    strokeWidth: 1,
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

interface Tested extends Traced {
  readonly error: number;
}

/** Returns the held-out losses, and the loss of the chosen step. This step may come before the first step of the metrics. */
const heldOutLosses = (metrics: readonly CurvePoint[], chosen: CurvesOptions['chosen']): readonly Tested[] => {
  const tested = metrics.flatMap(({ step, validation }) =>
    validation === undefined ? [] : [{ step, value: validation.loss, error: validation.standardError }],
  );
  return chosen === undefined || tested.some(({ step }) => step === chosen.step)
    ? tested
    : [...tested, { step: chosen.step, value: chosen.loss, error: chosen.standardError }].toSorted(
        (a, b) => a.step - b.step,
      );
};

const lossMarks = (
  metrics: readonly CurvePoint[],
  heldOut: readonly Tested[],
  domain: readonly [number, number],
): readonly Markish[] => {
  const tested = clamped(heldOut, domain);
  return [
    ...traced(
      present(metrics, ({ loss }) => loss),
      INK.blue,
      domain,
    ),
    areaY(tested, {
      x: 'step',
      y1: ({ value, error }) => value - error,
      y2: ({ value, error }) => value + error,
      fill: INK.vermilion,
      fillOpacity: 0.25,
    }),
    line(tested, { x: 'step', y: 'value', stroke: INK.vermilion, strokeWidth: 2 }),
    ...(tested.length > 60 ? [] : [dot(tested, { x: 'step', y: 'value', fill: INK.vermilion, r: 3 })]),
  ];
};

/** Stroke of the line through the chosen step. */
const CHOSEN = { stroke: INK.black, strokeWidth: 1.2, strokeDasharray: '4,3' } as const;

const chosenMarks = (chosen: CurvesOptions['chosen']): readonly Markish[] =>
  chosen === undefined
    ? []
    : [
        ruleX([chosen.step], CHOSEN),
        dot([chosen], { x: 'step', y: 'loss', r: 5, fill: INK.black, stroke: 'white', strokeWidth: 1 }),
      ];

/**
 * Returns the range of the loss axis: the range of the losses after the first tenth of the run, without extreme
 * batches, and the loss of the chosen step.
 */
const lossDomain = (
  metrics: readonly CurvePoint[],
  tested: readonly Tested[],
  chosen = Number.NaN,
): readonly [number, number] => {
  const batches = present(metrics, ({ loss }) => loss);
  const smooth = medians(batches).map(({ value }) => value);
  const settled = smooth.slice(Math.floor(smooth.length / 10));
  const late = tested
    .slice(Math.floor(tested.length / 10))
    .flatMap(({ value, error }) => [value - error, value + error]);
  const later = batches.slice(Math.floor(batches.length / 10)).map(({ value }) => value);
  return widened(range([quantile(later, 0.005), quantile(later, 0.98), ...range(settled), ...late, chosen]), 0.06);
};
