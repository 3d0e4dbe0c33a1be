import { stillness } from '../views/hooks.ts';

/**
 * Scrolls the element with the keyboard focus into view, within a row that is wider than the page: browsers do not
 * scroll to an element that is half visible. Nothing scrolls if a pointer set the focus: elements must not move under
 * it.
 */
export const intoView = (event: FocusEvent): void => {
  if (event.target instanceof Element && event.target.matches(':focus-visible'))
    event.target.scrollIntoView({ block: 'nearest', inline: 'center' });
};

/** Scrolls a part of the page into view, without animation where the visitor prefers reduced motion. */
export const bringIntoView = (part: Element | null, block: 'start' | 'nearest' = 'start'): void =>
  part?.scrollIntoView({ block, behavior: stillness() ? 'auto' : 'smooth' });
