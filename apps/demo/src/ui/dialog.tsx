import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

/**
 * A modal dialog, open while it is mounted. `closed` is called when it is dismissed, also by Escape. The focus returns
 * to the previous element.
 */
export const Dialog = ({
  title,
  closed,
  children,
  wide = false,
}: {
  readonly title: string;
  readonly closed: () => void;
  readonly wide?: boolean;
  readonly children: (dismiss: () => void) => ComponentChildren;
}): JSX.Element => {
  const element = useRef<HTMLDialogElement>(null);
  const here = useRef(true);
  const id = useId();
  useEffect(() => {
    const dialog = element.current!;
    dialog.showModal();
    // Unmounted while open: closing returns the focus. The close event is no longer needed.
    return () => {
      here.current = false;
      dialog.close();
    };
  }, []);
  const dismiss = (): void => element.current?.close();
  return (
    <dialog
      ref={element}
      class={wide ? 'wide' : undefined}
      aria-labelledby={id}
      onClose={() => {
        if (here.current) closed();
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="quiet close" aria-label="Close" onClick={dismiss}>
          <span aria-hidden="true">×</span>
        </button>
      </header>
      {children(dismiss)}
    </dialog>
  );
};

/** Asks for confirmation before an action that cannot be undone. */
export const Confirm = ({
  question,
  explanation,
  yes,
  confirmed,
  closed,
}: {
  readonly question: string;
  readonly explanation: ComponentChildren;
  readonly yes: string;
  readonly confirmed: () => void;
  readonly closed: () => void;
}): JSX.Element => (
  <Dialog title={question} closed={closed}>
    {(dismiss) => (
      <>
        {explanation}
        <footer>
          <button type="button" onClick={dismiss}>
            Cancel
          </button>
          <button
            type="button"
            class="primary"
            onClick={() => {
              dismiss();
              confirmed();
            }}
          >
            {yes}
          </button>
        </footer>
      </>
    )}
  </Dialog>
);
