import type { Session } from '../state/session-types.ts';

/** Milliseconds between two steps in slow motion: long enough to see the effect of one step. */
const SLOW_MS = 400;

/** Turns slow motion on or off. A change takes effect immediately, also during training. */
export const setSlow = (session: Session, slow: boolean): void => {
  session.pauseMs.value = slow ? SLOW_MS : 0;
  if (session.playing.value) void session.play();
};
