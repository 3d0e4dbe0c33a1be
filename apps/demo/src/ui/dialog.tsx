import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

/**
 * A modal dialog, open while it is mounted. `closed` is called when it is dismissed, also by Escape. The focus returns
 * to the previous element. `discards` names what would be lost: then the dialog asks before it is dismissed.
 */
export const Dialog = ({
  title,
  closed,
  children,
  wide = false,
  discards,
}: {
  readonly title: string;
  readonly closed: () => void;
  readonly wide?: boolean;
  readonly discards?: () => string | undefined;
  readonly children: (dismiss: () => void) => ComponentChildren;
}): JSX.Element => {
  const element = useRef<HTMLDialogElement>(null);
  const here = useRef(true);
  const [asking, setAsking] = useState<string>();
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
  /** Asks first if something would be lost. */
  const leave = (): void => {
    const lost = discards?.();
    if (lost === undefined) dismiss();
    else setAsking(lost);
  };
  return (
    <dialog
      ref={element}
      class={wide ? 'wide' : undefined}
      aria-labelledby={id}
      onCancel={(event) => {
        if (event.target !== event.currentTarget || discards?.() === undefined) return;
        event.preventDefault();
        leave();
      }}
      onClose={(event) => {
        if (here.current && event.target === event.currentTarget) closed();
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="quiet close" aria-label="Close" onClick={leave}>
          <span aria-hidden="true">×</span>
        </button>
      </header>
      {children(dismiss)}
      {asking === undefined ? null : (
        <Confirm
          question={`Discard ${asking}?`}
          explanation={null}
          yes="Discard"
          no="Keep it"
          confirmed={dismiss}
          closed={() => setAsking(undefined)}
        />
      )}
    </dialog>
  );
};

/** Asks for confirmation before an action that cannot be undone. */
export const Confirm = ({
  question,
  explanation,
  yes,
  no = 'Cancel',
  confirmed,
  closed,
}: {
  readonly question: string;
  readonly explanation: ComponentChildren;
  readonly yes: string;
  readonly no?: string;
  readonly confirmed: () => void;
  readonly closed: () => void;
}): JSX.Element => (
  <Dialog title={question} closed={closed}>
    {(dismiss) => (
      <>
        {explanation}
        <footer>
          <button type="button" onClick={dismiss}>
            {no}
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
