import type { History } from '../state/session-types.ts';
import { fixed } from './axes.ts';
import { align, robustRange, thin, type Series } from './series.ts';

/** Data of the loss chart. */
interface LossData {
  /** The steps, then the training loss and the held-out loss of each model. */
  readonly columns: readonly (readonly (number | null | undefined)[])[];
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** Largest number of points per curve: more than the chart has pixels. */
const MOST = 600;

export const lossData = (histories: readonly History[], entropy: number | undefined): LossData => {
  const held = histories.map(({ heldOut }): Series => {
    const shown = spread(heldOut);
    return { x: shown.map(({ step }) => step), y: shown.map(({ nats }) => nats) };
  });
  const trained = histories.map(({ steps, losses }): Series => thin(steps, losses, MOST));
  const last = Math.max(0, ...[...trained, ...held].map(({ x }) => x.at(-1) ?? 0));
  // The first held-out losses are far above the others, as in training: only the late ones must be visible.
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

/** At most {@link DOTS} of the held-out losses, evenly spread, with the last. */
export const spread = <T>(heldOut: readonly T[]): readonly T[] => {
  const each = Math.ceil(heldOut.length / DOTS);
  return each <= 1 ? heldOut : heldOut.filter((_, i) => (heldOut.length - 1 - i) % each === 0);
};
/** Most dots on a curve that can be distinguished. */
const DOTS = 40;

/** The latest numbers of a model as text; dashes before the first ones. */
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
