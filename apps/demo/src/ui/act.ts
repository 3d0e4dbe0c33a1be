import type { Session } from '../state/session-types.ts';
import { wording } from '../state/wording.ts';

/** Runs an action that the visitor requested. If the action fails, a notice on the page gives the reason. */
export const act = (session: Session, action: () => Promise<unknown>): void => {
  void action().catch((error: unknown) => session.notify('error', wording(error)));
};
