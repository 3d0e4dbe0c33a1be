import { dot, line, ruleX, type Markish } from '@observablehq/plot';
import { INK, PHASE } from './colors.ts';
import type { CurvePoint, HeldOutLoss } from './curve-point.ts';
import { LINE_MARGIN, lineAxes } from './lines.ts';
import { lossesOf, lossKeys, lossMarks, medians, present, traced } from './loss-curves.ts';
import { HEADER, label, legend, legendLines, renderFigure, type Part } from './render.ts';
import { range, widened } from './statistics.ts';
import { textWidth } from './text.ts';

/** Options of {@link curvesPlot}. */
export interface CurvesOptions {
  /** Title of the figure. Default `Loss during the training`. */
  readonly title?: string;
  /** Text under the title. Default: none. */
  readonly subtitle?: string;
  /** Name of the unit of the losses. Default `nats per row`. */
  readonly unit?: string;
  /** Name of the rows, for the legend. Default `rows`. */
  readonly rows?: string;
  /** Validation loss before the first step, with a name for the legend. Default: the start is not marked. */
  readonly start?: HeldOutLoss & { readonly name: string };
  /**
   * Step whose weights the model has, with its validation loss. The step may be 0, before the first step. Default: no
   * step is marked.
   */
  readonly chosen?: HeldOutLoss & { readonly step: number };
}

const WIDTH = 820;
const HEIGHT = { losses: 400, strip: 84, ticks: 36 } as const;
const LINE = 18;

/**
 * Draws a training run as a PNG: the loss of every batch (pale) with its running median, and the validation loss with
 * one standard error on either side. A vertical line marks the chosen step, and a horizontal line the loss of the start.
 * Strips below show the accuracy on the validation images, and the solver steps if they change.
 *
 * @remarks The y axis of the losses covers the values after the first tenth of the run. Marks at the upper edge show
 * the steps with larger losses. If the losses of the batches vary little, the running median is not drawn.
 */
export const curvesPlot = (
  metrics: readonly CurvePoint[],
  {
    title = 'Loss during the training',
    subtitle,
    unit = 'nats per row',
    rows = 'rows',
    start,
    chosen,
  }: CurvesOptions = {},
): Uint8Array => {
  const losses = lossesOf(metrics, start, chosen);
  const steps = [...metrics, ...losses.tested].map(({ step }) => step);
  // The margin keeps points at the ends of the run whole.
  const x = { domain: widened(range(steps), 0.015), whole: true };
  const strips = stripsOf(metrics, rows);
  const keys = legendLines(lossKeys(losses, rows, start?.name ?? ''), WIDTH - LINE_MARGIN.left - 10);
  const header = subtitle === undefined ? HEADER.title : HEADER.subtitle;
  const top = header + 8 + LINE * keys.length + (chosen === undefined ? 0 : 8);
  const isLast = strips.length === 0;
  const below = top + HEIGHT.losses + (isLast ? HEIGHT.ticks : 0);
  const name = 'Training step';
  return renderFigure({
    width: WIDTH,
    height: below + strips.length * HEIGHT.strip + (isLast ? 0 : HEIGHT.ticks) + 6,
    title,
    ...(subtitle === undefined ? {} : { subtitle }),
    parts: [
      ...keys.map((line, i): Part => ({ element: legend(line), x: LINE_MARGIN.left, y: header + 14 + LINE * i })),
      ...chosenLabel(chosen, x.domain, top),
      {
        element: lineAxes(
          {
            width: WIDTH,
            height: HEIGHT.losses + (isLast ? HEIGHT.ticks : 0),
            x: { ...x, name: isLast ? name : '' },
            y: { name: `Loss (${unit}; lower is better)`, domain: losses.domain },
          },
          [...lossMarks(losses), ...chosenMarks(chosen)],
        ),
        x: 0,
        y: top,
      },
      ...strips.flatMap(({ text, domain, marks }, i): readonly Part[] => {
        const last = i === strips.length - 1;
        const y = below + i * HEIGHT.strip;
        const axes = {
          width: WIDTH,
          height: HEIGHT.strip - LINE + (last ? HEIGHT.ticks : 0),
          x: { ...x, name: last ? name : '' },
          y: { name: '', domain },
        };
        return [
          { element: label(text, { size: 11 }), x: LINE_MARGIN.left, y: y + LINE },
          {
            element: lineAxes(axes, [...(chosen === undefined ? [] : [ruleX([chosen.step], CHOSEN)]), ...marks]),
            x: 0,
            y: y + LINE - 4,
          },
        ];
      }),
    ],
  });
};

/** A low panel below the losses, with its title. */
interface Strip {
  readonly text: string;
  readonly domain: readonly [number, number];
  readonly marks: readonly Markish[];
}

const stripsOf = (metrics: readonly CurvePoint[], rows: string): readonly Strip[] => {
  const accuracies = present(metrics, ({ accuracy }) => (accuracy === undefined ? undefined : 100 * accuracy));
  const solver = present(metrics, ({ solverSteps }) => solverSteps);
  const high = 1.15 * range(solver.map(({ value }) => value))[1];
  const isConstant = new Set(medians(solver).map(({ value }) => value.toPrecision(6))).size < 2;
  return [
    ...(accuracies.length === 0
      ? []
      : [
          {
            text: `Validation ${rows} that are classified correctly (%)`,
            domain: widened(range(accuracies.map(({ value }) => value)), 0.08),
            marks: [
              line(accuracies, { x: 'step', y: 'value', stroke: PHASE.validation, strokeWidth: 2 }),
              dot(accuracies, { x: 'step', y: 'value', fill: PHASE.validation, r: accuracies.length > 60 ? 0 : 3 }),
            ],
          },
        ]),
    ...(isConstant
      ? []
      : [
          {
            text: 'Steps per root solve: more steps make a training step slower',
            domain: [0, high] as const,
            marks: traced(solver, INK.gray, [0, high]),
          },
        ]),
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

/** Returns the name of the chosen step, above its line. */
const chosenLabel = (
  chosen: CurvesOptions['chosen'],
  [low, high]: readonly [number, number],
  top: number,
): readonly Part[] => {
  if (chosen === undefined) return [];
  const text = `chosen: ${chosen.step === 0 ? 'the start' : `step ${chosen.step.toLocaleString('en')}`}`;
  const [left, right] = [LINE_MARGIN.left, WIDTH - LINE_MARGIN.right];
  const middle = left + ((chosen.step - low) / (high - low)) * (right - left);
  const half = textWidth(text, 11) / 2;
  const x = Math.min(right - half, Math.max(left + half, middle));
  return [{ element: label(text, { size: 11, anchor: 'middle' }), x, y: top + 4 }];
};
