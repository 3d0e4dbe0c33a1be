import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Notice, Session } from '../state/session-types.ts';

/** Milliseconds for which a notice of each level is shown. Error notices stay until the visitor dismisses them. */
const STAY = { info: 9000, warning: 20_000, error: undefined } as const;

/** The current notices of the page. Screen readers read new notices aloud. */
export const Notices = ({ session }: { readonly session: Session }): JSX.Element => (
  <section class="notices" aria-label="Notices" aria-live="polite">
    {session.notices.value.map((notice) => (
      <Toast key={notice.id} notice={notice} dismiss={() => session.dismiss(notice.id)} />
    ))}
    {session.notices.value.length < 2 ? null : (
      <button
        type="button"
        class="small all"
        onClick={() => session.notices.value.forEach(({ id }) => session.dismiss(id))}
      >
        Dismiss all
      </button>
    )}
  </section>
);

const WORDS = { info: 'Note', warning: 'Warning', error: 'Error' } as const;

const Toast = ({
  notice: { level, text },
  dismiss,
}: {
  readonly notice: Notice;
  readonly dismiss: () => void;
}): JSX.Element => {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const stay = STAY[level];
    if (stay === undefined) return undefined;
    // A notice stays while it is under the mouse pointer or has the focus.
    const timer = setInterval(() => {
      if (element.current?.matches(':hover, :focus-within') === false) dismiss();
    }, stay);
    return () => clearInterval(timer);
  }, []);
  return (
    <div ref={element} class="notice" data-level={level} role={level === 'error' ? 'alert' : undefined}>
      <p>
        <strong>{WORDS[level]}.</strong> {text}
      </p>
      <button type="button" class="quiet close" aria-label="Dismiss" onClick={dismiss}>
        <span aria-hidden="true">×</span>
      </button>
    </div>
  );
};
