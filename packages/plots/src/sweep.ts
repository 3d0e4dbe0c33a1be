import { scale } from '@observablehq/plot';
import { INK } from './colors.ts';
import { quantile } from './quantile.ts';
import { HEADER, label, legend, renderFigure, type LegendKey } from './render.ts';
import { range, widened } from './statistics.ts';
import { sweepCurves } from './sweep-curves.ts';
import { sweepParameters, type SweepPlotAxis } from './sweep-parameters.ts';
import { SWEEP } from './sweep-size.ts';
import type { Domain, SweepPlotTrial } from './sweep-trial.ts';

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

/** The range of the axis of losses is at most this many times the distance from the least loss to the median loss. */
const SHOWN = 3;

/**
 * Draws a sweep, which is a search over parameters, as a PNG. The upper panel shows the least validation loss so far of
 * each trial against its steps. The lower panel shows the parameters of each trial as a line from axis to axis, which
 * ends at the loss of the trial. The color of a line shows the loss of its trial; large losses are cut off.
 */
export const sweepPlot = ({
  title,
  subtitle,
  rungs,
  axes,
  trials,
  format = (value) => value.toLocaleString('en', { maximumSignificantDigits: 6 }),
}: SweepPlotInput): Uint8Array => {
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
    width: SWEEP.width,
    height: top + SWEEP.curves + 24 + SWEEP.parameters + 8,
    title,
    subtitle,
    parts: [
      { element: legend(keys), x: SWEEP.left, y: HEADER.subtitle + 14 },
      { element: sweepCurves(trials, rungs, domain, colorOf), x: 0, y: top },
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
 * Returns the range of the axis of losses. The range extends from the least loss to the greatest loss, but by at most
 * {@link SHOWN} times the distance from the least loss to the median loss. A margin is added to the range.
 */
const natsDomain = (losses: readonly number[]): Domain => {
  const [low, high] = range(losses);
  if (losses.length === 0) return [0, 1];
  return widened([low, Math.min(high, low + SHOWN * Math.max(1e-9, quantile([...losses], 0.5) - low))], 0.06);
};

/**
 * Returns the color of a loss: dark for small losses. The brightest colors are not used, because they are hard to see
 * on white.
 */
const lossColor = ([low, high]: Domain): ((nats: number) => string) => {
  const color = scale({ color: { type: 'linear', scheme: 'viridis', domain: [low, high + 0.12 * (high - low)] } });
  return (nats) => String(color.apply(Math.min(high, nats)));
};
