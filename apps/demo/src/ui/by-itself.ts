import { signal, type ReadonlySignal } from '@preact/signals';
import type { Session } from '../state/session-types.ts';
import { stillness } from '../views/hooks.ts';
import { keep, recall } from './theme.ts';

const VISITED = 'impflow-visited';
/** Controls of the page. A tap on a control does what the control does, and nothing more. */
const CONTROL = 'button, a, input, select, textarea, label, summary, dialog';
/** Keys that move the focus or the page, or that change the meaning of other keys. */
const MOVING = /^(Tab|Shift|Control|Alt|AltGraph|Meta|CapsLock|Arrow.*|Page.*|Home|End)$/;

/**
 * Starts the training by itself at the first visit, so that the first picture moves: unless the address has settings,
 * or the visitor prefers reduced motion. A tap beside the controls stops it, and so does a key. Returns whether the
 * training started by itself and the visitor has not acted yet.
 */
export const startByItself = (session: Session): ReadonlySignal<boolean> => {
  const alone = signal(false);
  if (location.hash !== '' || recall(VISITED) !== undefined || stillness()) return alone;
  keep(VISITED, 'yes');
  alone.value = true;
  const end = (): void => {
    alone.value = false;
    document.removeEventListener('click', onClick, true);
    document.removeEventListener('keydown', onKey, true);
  };
  const isControl = ({ target }: Event): boolean => target instanceof Element && target.closest(CONTROL) !== null;
  const onClick = (event: MouseEvent): void => {
    end();
    if (!isControl(event)) void session.pause();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (MOVING.test(event.key) || isControl(event)) return;
    end();
    void session.pause();
    // The space bar has stopped the training, so its shortcut must not act on this event as well.
    if (event.key !== ' ') return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener('click', onClick, true);
  document.addEventListener('keydown', onKey, true);
  void session.play();
  return alone;
};
