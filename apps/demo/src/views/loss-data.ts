import type { History } from '../state/session-types.ts';
import { fixed } from './axes.ts';
import { align, robustRange, thin, type Series } from './series.ts';

/** Data of the loss chart. */
interface LossData {
  /**
   * The first column contains the training steps. Two columns per model follow: the training loss and the held-out loss
   * of the model.
   */
  readonly columns: readonly (readonly (number | null | undefined)[])[];
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** Largest number of points per curve, which is larger than the width of the chart in pixels. */
const MOST = 600;

export const lossData = (histories: readonly History[], entropy: number | undefined): LossData => {
  const held = histories.map(({ heldOut }): Series => {
    const shown = spread(heldOut);
    return { x: shown.map(({ step }) => step), y: shown.map(({ nats }) => nats) };
  });
  const trained = histories.map(({ steps, losses }): Series => thin(steps, losses, MOST));
  const last = Math.max(0, ...[...trained, ...held].map(({ x }) => x.at(-1) ?? 0));
  // The first held-out losses of a training are far above the later losses. Therefore the axis must include only the
  // last 80 % of the held-out losses.
  const late = histories.flatMap(({ heldOut }) =>
    heldOut.slice(-Math.ceil(heldOut.length * 0.8)).map(({ nats }) => nats),
  );
  return {
    columns: align(histories.flatMap((_, i) => [trained[i]!, held[i]!])),
    x: [0, Math.max(10, last)],
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

/** The latest training loss and held-out loss of a model, as text. A dash stands for a loss that is not known yet. */
export interface LossWords {
  readonly training: string;
  readonly heldOut: string;
  readonly gap: string;
}

export const lossInWords = ({ losses, heldOut }: History, entropy: number | undefined): LossWords => {
  const [loss, held] = [losses.at(-1), heldOut.at(-1)];
  return {
    training: loss === undefined ? '–' : fixed(loss, 3),
    heldOut: held === undefined ? '–' : `${fixed(held.nats, 3)} ± ${fixed(held.standardError, 3)}`,
    gap: held === undefined || entropy === undefined ? '–' : fixed(held.nats - entropy, 3),
  };
};
