import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';

/**
 * A section of the page that the visitor can open and close. `open` determines whether the section is initially open:
 * always, never, or only in a wide window.
 */
export const Panel = ({
  title,
  open,
  children,
}: {
  readonly title: string;
  readonly open: boolean | 'wide';
  readonly children: ComponentChildren;
}): JSX.Element => {
  const [initial] = useState(() => (open === 'wide' ? matchMedia('(min-width: 700px)').matches : open));
  return (
    <details class="panel" open={initial}>
      <summary>
        <h2>{title}</h2>
      </summary>
      <div class="panel-body">{children}</div>
    </details>
  );
};
