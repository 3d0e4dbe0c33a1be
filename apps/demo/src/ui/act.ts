import { wording } from '../state/session.ts';
import type { Session } from '../state/session-types.ts';

/** Does something for the visitor; where it fails, a notice says why. */
export const act = (session: Session, action: () => Promise<unknown>): void => {
  void action().catch((error: unknown) => session.notify('error', wording(error)));
};
