import type { ViewOptions, Session } from '../state/session-types.ts';
import { setSlow } from './slow.ts';

/** A keyboard shortcut of the page and its action. */
export interface KeyAction {
  /** `KeyboardEvent.key`, in lower case. */
  readonly key: string;
  /** Name of the key, as shown in the list of shortcuts. */
  readonly cap: string;
  readonly words: string;
  act(): void;
}

export const keyActions = (session: Session, help: () => void): readonly KeyAction[] => {
  const view = (change: (view: ViewOptions) => Partial<ViewOptions>) => (): void => {
    session.view.value = { ...session.view.value, ...change(session.view.value) };
  };
  const show = (stage: ViewOptions['stage']) => view(() => ({ stage }));
  return [
    {
      key: ' ',
      cap: 'Space',
      words: 'play or pause',
      act: () => void (session.playing.value ? session.pause() : session.play()),
    },
    { key: 's', cap: 'S', words: 'one training step', act: () => void session.step() },
    { key: 'm', cap: 'M', words: 'slow motion', act: () => setSlow(session, session.pauseMs.value === 0) },
    { key: 'r', cap: 'R', words: 'reset: fresh weights', act: () => void session.reset() },
    {
      key: 'u',
      cap: 'U',
      words: 'undo the last reset or change',
      act: () => {
        if (session.canUndo.value) void session.undo();
      },
    },
    { key: '1', cap: '1', words: 'show the density', act: show('density') },
    { key: '2', cap: '2', words: 'show how the plane is stretched', act: show('logDet') },
    { key: '3', cap: '3', words: 'show the solver’s steps', act: show('steps') },
    { key: '4', cap: '4', words: 'show the warped grid', act: show('warp') },
    { key: '5', cap: '5', words: 'show data and base side by side', act: show('planes') },
    { key: 'd', cap: 'D', words: 'data on or off', act: view(({ showData }) => ({ showData: !showData })) },
    { key: 'a', cap: 'A', words: 'samples on or off', act: view(({ showSamples }) => ({ showSamples: !showSamples })) },
    { key: '?', cap: '?', words: 'this help', act: help },
  ];
};

/**
 * CSS selector of elements in which the keyboard shortcuts have no effect, because keys type text there or move a
 * slider.
 */
const TYPING =
  'input:not([type="checkbox"], [type="radio"], [type="button"]), textarea, select, [contenteditable], [role="slider"], dialog';
/** CSS selector of elements that the browser activates when the space bar is pressed. */
const PRESSED = 'button, a, summary, input, label, [role="button"]';

/** Starts to handle the keyboard shortcuts of the page. Returns a function that ends the handling of the shortcuts. */
export const listenToKeys = (actions: readonly KeyAction[], on: () => boolean): (() => void) => {
  const listen = (event: KeyboardEvent): void => {
    if (!on() || event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest(TYPING) !== null || document.querySelector('dialog[open]') !== null) return;
    const action = actions.find(({ key }) => key === event.key.toLowerCase());
    if (action === undefined || (action.key === ' ' && target.closest(PRESSED) !== null)) return;
    event.preventDefault();
    action.act();
  };
  document.addEventListener('keydown', listen);
  return () => document.removeEventListener('keydown', listen);
};
