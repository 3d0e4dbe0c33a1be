import type { Session } from '../state/session-types.ts';
import { wording } from '../state/wording.ts';

/** Runs an action of the visitor; if it fails, a notice says why. */
export const act = (session: Session, action: () => Promise<unknown>): void => {
  void action().catch((error: unknown) => session.notify('error', wording(error)));
};
