import type { Session } from '../state/session-types.ts';

/** Between two steps of slow motion: long enough to see what one does. */
const SLOW_MS = 400;

/** Slow motion on or off, at once also while training. */
export const setSlow = (session: Session, slow: boolean): void => {
  session.pauseMs.value = slow ? SLOW_MS : 0;
  if (session.playing.value) void session.play();
};
