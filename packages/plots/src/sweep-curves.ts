import { dot, frame, gridY, line, ruleX, type Markish } from '@observablehq/plot';
import { upAxis } from './axis.ts';
import type { Domain } from './domain.ts';
import { panel } from './render.ts';
import { SWEEP } from './sweep-size.ts';
import { drawnOrder, strokeOf, type SweepPlotTrial } from './sweep-trial.ts';
import { textWidth } from './text.ts';
import { TICK_SIZE } from './ticks.ts';

const RIGHT = 14;

/** Draws a curve for each trial. The curve shows the least validation loss so far against the step. */
export const sweepCurves = (
  trials: readonly SweepPlotTrial[],
  rungs: readonly number[],
  domain: Domain,
  colorOf: (nats: number) => string,
): Element => {
  const last = rungs.at(-1)!;
  const first = Math.min(rungs[0]!, ...trials.flatMap(({ curve }) => curve.slice(0, 1).map(([step]) => step)));
  const width = SWEEP.width - SWEEP.ranks;
  const [from, to] = [Math.log(Math.min(first, last / 1.01)), Math.log(last)];
  const length = width - SWEEP.left - RIGHT;
  const ticks = withoutOverlap(
    [...new Set([first, ...rungs])],
    (step) => ((Math.log(step) - from) / (to - from)) * length,
  );
  const up = upAxis(
    { name: 'Least validation loss so far (nats)', domain },
    SWEEP.curves - SWEEP.top - SWEEP.bottom,
    SWEEP.top,
  );
  return panel({
    width,
    height: SWEEP.curves,
    marginLeft: SWEEP.left,
    marginRight: RIGHT,
    marginTop: SWEEP.top,
    marginBottom: SWEEP.bottom,
    x: {
      // Plot ignores the given tick labels on an axis of type log, so this axis is linear in the logarithm of the step.
      domain: [from, to],
      label: rungs.length > 1 ? 'Step (logarithmic; vertical lines: rungs)' : 'Step (logarithmic)',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: ticks.map(Math.log),
      tickFormat: (x: number) => stepText(Math.exp(x)),
    },
    y: up,
    marks: [
      gridY({ ticks: up.ticks!, stroke: '#ddd', strokeOpacity: 1 }),
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

/** Leaves out ticks whose labels would overlap the label of a later step. */
const withoutOverlap = (steps: readonly number[], place: (step: number) => number): readonly number[] => {
  const kept: number[] = [];
  for (const step of steps.toReversed()) {
    const next = kept.at(-1);
    const room = next === undefined ? Infinity : place(next) - place(step);
    const size = [step, next ?? step].reduce((sum, each) => sum + textWidth(stepText(each), TICK_SIZE) / 2, 8);
    if (room >= size) kept.push(step);
  }
  return kept;
};

const stepText = (step: number): string => Math.round(step).toLocaleString('en');
