import type { JSX } from 'preact';
import { bringIntoView } from '../ui/into-view.ts';
import { elementOf, light, type Part } from './light.ts';

/** A word of the tour that is about a part of the page. Pointing at the word or focusing it lights the part. */
export const Word = ({ part, children }: { readonly part: Part; readonly children: string }): JSX.Element => {
  const on = (): void => light(part, true);
  const off = (): void => light(part, false);
  return (
    <button
      type="button"
      class="tour-word"
      data-part={part}
      onPointerEnter={on}
      onPointerLeave={off}
      onFocus={on}
      onBlur={off}
      onClick={() => {
        on();
        bringIntoView(elementOf(part), 'nearest');
      }}
    >
      {children}
    </button>
  );
};
