import { fixed } from '../axes.ts';
import { secondsAt } from '../state/history.ts';
import type { History } from '../state/session-types.ts';
import type { Mean } from '../state/standing.ts';
import { align, robustRange, thin, type Series } from './series.ts';

/** Data of the loss chart. */
interface LossData {
  /**
   * The first column contains the training steps or the seconds of computing. Two columns per model follow: the training loss and the held-out loss
   * of the model.
   */
  readonly columns: readonly (readonly (number | null | undefined)[])[];
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** Largest number of points per curve, which is larger than the width of the chart in pixels. */
const MOST = 600;

/** Unit of the horizontal axis: training steps, or seconds of computing in a race by seconds. */
export type LossUnit = 'steps' | 'seconds';

/** Returns the position of a training step on the horizontal axis. */
export const placeOf = (history: History, unit: LossUnit, step: number): number =>
  unit === 'steps' ? step : secondsAt(history, step);

export const lossData = (
  histories: readonly History[],
  entropy: number | undefined,
  unit: LossUnit = 'steps',
  band?: readonly [number, number],
): LossData => {
  const held = histories.map((history): Series => {
    const shown = spread(history.heldOut);
    return { x: shown.map(({ step }) => placeOf(history, unit, step)), y: shown.map(({ nats }) => nats) };
  });
  const trained = histories.map((history): Series => thin(history[unit], history.losses, MOST));
  const last = Math.max(0, ...[...trained, ...held].map(({ x }) => x.at(-1) ?? 0));
  // The first held-out losses of a training are far above the later losses. Therefore the axis must include only the
  // last 80 % of the held-out losses.
  const late = histories.flatMap(({ heldOut }) =>
    heldOut.slice(-Math.ceil(heldOut.length * 0.8)).map(({ nats }) => nats),
  );
  return {
    columns: align(histories.flatMap((_, i) => [trained[i]!, held[i]!])),
    x: [0, Math.max(unit === 'steps' ? 10 : 1, last, 1.1 * (band?.[1] ?? 0))],
    y: robustRange(
      trained.map(({ y }) => y as readonly number[]),
      entropy === undefined ? late : [...late, entropy],
    ) ?? [0, 4],
  };
};

/** Returns at most {@link DOTS} of the held-out losses, evenly spaced. The last loss is always included. */
export const spread = <T>(heldOut: readonly T[]): readonly T[] => {
  const each = Math.ceil(heldOut.length / DOTS);
  return each <= 1 ? heldOut : heldOut.filter((_, i) => (heldOut.length - 1 - i) % each === 0);
};
/** Largest number of dots on a curve, so that the dots can be distinguished. */
const DOTS = 40;

/** The latest training loss and loss on new points of a model, as text. A dash stands for a loss that is not known yet. */
export interface LossWords {
  readonly training: string;
  readonly heldOut: string;
  readonly gap: string;
}

/** Describes the losses of a model. `mean` is the loss on the points that all models share: see `standingOf`. */
export const lossInWords = (
  { losses }: Pick<History, 'losses'>,
  mean: Mean | undefined,
  entropy: number | undefined,
): LossWords => {
  const loss = losses.at(-1);
  return {
    training: loss === undefined ? '–' : fixed(loss, 3),
    heldOut: mean === undefined ? '–' : `${fixed(mean.nats, 3)} ± ${fixed(mean.standardError, 3)}`,
    gap: mean === undefined || entropy === undefined ? '–' : fixed(mean.nats - entropy, 3),
  };
};
