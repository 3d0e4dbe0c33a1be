import { stillness } from '../views/hooks.ts';

/**
 * Brings what gets the focus by keys into view, within a row that is wider than the page: browsers leave what they see
 * half of. Under a pointer nothing may move.
 */
export const intoView = (event: FocusEvent): void => {
  if (event.target instanceof Element && event.target.matches(':focus-visible'))
    event.target.scrollIntoView({ block: 'nearest', inline: 'center' });
};

/** Scrolls a part of the page into view, without animation where the visitor prefers reduced motion. */
export const bringIntoView = (part: Element | null, block: 'start' | 'nearest' = 'start'): void =>
  part?.scrollIntoView({ block, behavior: stillness() ? 'auto' : 'smooth' });
