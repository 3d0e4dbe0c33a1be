import { scale } from '@observablehq/plot';
import { INK } from './colors.ts';
import type { Domain } from './domain.ts';
import { HEADER, label, legend, renderFigure, type LegendKey } from './render.ts';
import { sweepCurves } from './sweep-curves.ts';
import { lossRange } from './sweep-domain.ts';
import { sweepParameters, type SweepPlotAxis } from './sweep-parameters.ts';
import { sweepRanks } from './sweep-ranks.ts';
import { SWEEP } from './sweep-size.ts';
import { isRated, type SweepPlotTrial } from './sweep-trial.ts';

/** Input of {@link sweepPlot}. */
export interface SweepPlotInput {
  /** Text at the top. */
  readonly title: string;
  /** A smaller line under the title. */
  readonly subtitle: string;
  /**
   * Steps at which trials were compared, ascending. Trials end at the last of these steps. The list contains at least
   * one step.
   */
  readonly rungs: readonly number[];
  /** The axes, one for each parameter. */
  readonly axes: readonly SweepPlotAxis[];
  /** The trials, the best first. */
  readonly trials: readonly SweepPlotTrial[];
  /**
   * Returns the text of a number on the axis of a parameter that was drawn from an interval. Default: at most six
   * significant digits.
   */
  readonly format?: (value: number) => string;
}

/**
 * Draws a sweep, which is a search over parameters, as a PNG. The upper panels show the least validation loss so far of
 * each trial against its steps, and the trials by rank with one standard error on either side. The lower panel shows
 * the parameters of each trial as a line from axis to axis, which ends at the loss of the trial. The color of a line shows the loss of its trial; large losses are cut off.
 */
export const sweepPlot = ({
  title,
  subtitle,
  rungs,
  axes,
  trials,
  format = (value) => value.toLocaleString('en', { maximumSignificantDigits: 6 }),
}: SweepPlotInput): Uint8Array => {
  const domain = lossRange(trials);
  const [best] = trials.filter(isRated);
  const colorOf = lossColor([best?.validation ?? domain[0], domain[1]]);
  const defaults = trials.find(({ kind }) => kind === 'defaults');
  const top = HEADER.subtitle + 24;
  const keys: readonly LegendKey[] = [
    { name: `best: ${trials[0]?.name ?? 'none'}`, color: '#440154', mark: 'line' },
    ...(defaults === undefined
      ? []
      : [{ name: defaults.name, color: INK.vermilion, mark: 'line', dash: '6,3' } as const]),
    ...(trials.every(isRated) ? [] : [{ name: 'failed', color: '#999', mark: 'line', dash: '2,3' } as const]),
  ];
  return renderFigure({
    width: SWEEP.width,
    height: top + SWEEP.curves + 24 + SWEEP.parameters + 8,
    title,
    subtitle,
    parts: [
      { element: legend(keys), x: SWEEP.left, y: HEADER.subtitle + 14 },
      { element: sweepCurves(trials, rungs, domain, colorOf), x: 0, y: top },
      { element: sweepRanks(trials, domain, colorOf), x: SWEEP.width - SWEEP.ranks, y: top },
      {
        element: label('Parameters of each trial', { size: 12, bold: true }),
        x: SWEEP.left,
        y: top + SWEEP.curves + 18,
      },
      { element: sweepParameters(trials, axes, domain, colorOf, format), x: 0, y: top + SWEEP.curves + 24 },
    ],
  });
};

/**
 * Returns the color of a loss: dark for small losses. The brightest colors are not used, because they are hard to see
 * on white.
 */
const lossColor = ([low, high]: Domain): ((nats: number) => string) => {
  const color = scale({ color: { type: 'linear', scheme: 'viridis', domain: [low, high + 0.12 * (high - low)] } });
  return (nats) => String(color.apply(Math.min(high, nats)));
};
