import { dot, frame, gridY, line, ruleX, text, type Markish } from '@observablehq/plot';
import { panel } from './render.ts';
import { SWEEP } from './sweep-size.ts';
import { drawnOrder, strokeOf, type Domain, type SweepPlotTrial } from './sweep-trial.ts';

/** Draws a curve for each trial. The curve shows the least validation loss so far against the step. */
export const sweepCurves = (
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
    width: SWEEP.width,
    height: SWEEP.curves,
    marginLeft: SWEEP.left,
    marginRight: SWEEP.right,
    marginTop: 8,
    marginBottom: 42,
    x: {
      // Plot ignores the given tick labels on an axis of type log, so this axis is linear in the logarithm of the step.
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

/**
 * Returns the logarithm of the step and the least loss so far, after each validation. Losses far above the frame are
 * replaced by a value slightly above the frame.
 */
const leastSoFar = ({ curve }: SweepPlotTrial, [low, high]: Domain): readonly (readonly [number, number])[] => {
  let least = high + 0.3 * (high - low);
  return curve.map(([step, nats]) => {
    if (nats < least) least = nats;
    return [Math.log(step), least] as const;
  });
};

/** Moves labels that would overlap apart. */
const spreadEnds = <T extends { readonly y: number }>(ends: readonly T[], [low, high]: Domain): readonly T[] => {
  const gap = (14 / (SWEEP.curves - 50)) * (high - low);
  let floor = -Infinity;
  return ends
    .toSorted((a, b) => a.y - b.y)
    .map((end) => {
      const y = Math.max(end.y, floor);
      floor = y + gap;
      return { ...end, y };
    });
};
