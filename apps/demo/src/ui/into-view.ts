import { stillness } from '../views/hooks.ts';

/**
 * Scrolls the element with the keyboard focus into view, if its row of controls is wider than the page. Browsers do not
 * scroll to an element that is already half visible. If the focus was set by a mouse or a finger, the row is not
 * scrolled, because elements must not move under the pointer.
 */
export const intoView = (event: FocusEvent): void => {
  if (event.target instanceof Element && event.target.matches(':focus-visible'))
    event.target.scrollIntoView({ block: 'nearest', inline: 'center' });
};

/** Scrolls a part of the page into view. The scrolling is not animated if the visitor prefers reduced motion. */
export const bringIntoView = (part: Element | null, block: 'start' | 'nearest' = 'start'): void =>
  part?.scrollIntoView({ block, behavior: stillness() ? 'auto' : 'smooth' });
