import { dot, frame, gridY, ruleX } from '@observablehq/plot';
import { acrossAxis, upAxis } from './axis.ts';
import type { Domain } from './domain.ts';
import { panel } from './render.ts';
import { errorBar } from './sweep-domain.ts';
import { SWEEP } from './sweep-size.ts';
import { isRated, strokeOf, type RatedTrial, type SweepPlotTrial } from './sweep-trial.ts';

const MARGIN = { left: 8, right: 14 } as const;

/**
 * Draws the least loss of each trial with one standard error on either side, the best trial first. The axis of losses
 * is the axis of the curves at the left. Trials whose loss is cut off have no point.
 */
export const sweepRanks = (
  trials: readonly SweepPlotTrial[],
  domain: Domain,
  colorOf: (nats: number) => string,
): Element => {
  const rated = trials.filter(isRated);
  const shown = rated.map((trial, i) => ({ trial, rank: i + 1 })).filter(({ trial }) => trial.validation <= domain[1]);
  const width = SWEEP.ranks;
  const stroke = ({ trial }: { trial: RatedTrial }): string => strokeOf(trial, colorOf).stroke;
  const ranks = {
    name: 'Rank (± 1 standard error)',
    domain: [0.4, Math.max(1, rated.length) + 0.6] as const,
    whole: true,
  };
  const up = upAxis({ name: '', domain }, SWEEP.curves - SWEEP.top - SWEEP.bottom, SWEEP.top);
  return panel({
    width,
    height: SWEEP.curves,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: SWEEP.top,
    marginBottom: SWEEP.bottom,
    x: acrossAxis(ranks, width - MARGIN.left - MARGIN.right, MARGIN.right),
    y: { domain, axis: null },
    marks: [
      gridY({ ticks: up.ticks!, stroke: '#ddd', strokeOpacity: 1 }),
      ruleX(
        shown.map(({ trial, rank }) => ({ trial, rank, bar: errorBar(trial) })),
        {
          x: 'rank',
          y1: ({ bar }: { bar: Domain }) => bar[0],
          y2: ({ bar }: { bar: Domain }) => bar[1],
          stroke,
          strokeWidth: 1.6,
        },
      ),
      dot(shown, { x: 'rank', y: ({ trial }: { trial: RatedTrial }) => trial.validation, r: 3.5, fill: stroke }),
      frame({ stroke: '#999' }),
    ],
  });
};
