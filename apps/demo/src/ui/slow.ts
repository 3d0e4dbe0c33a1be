import type { Session } from '../state/session-types.ts';

/** Milliseconds between two training steps in slow motion, long enough to see the effect of each step. */
const SLOW_MS = 400;

/** Turns slow motion on or off. The change takes effect immediately, even during training. */
export const setSlow = (session: Session, slow: boolean): void => {
  session.pauseMs.value = slow ? SLOW_MS : 0;
  if (session.playing.value) void session.play();
};
