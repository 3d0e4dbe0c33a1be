import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

/**
 * A modal dialog, which is open as long as it is mounted. `closed` is called when the visitor closes the dialog, with a
 * button or with Escape. The focus then returns to the element that had the focus before the dialog opened. If
 * `discards` returns a description of unsaved work, the dialog asks for confirmation before it closes.
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
    // If the dialog is unmounted while it is open, `dialog.close()` returns the focus to the earlier element. The close
    // event of this call must not call `closed`.
    return () => {
      here.current = false;
      dialog.close();
    };
  }, []);
  const dismiss = (): void => element.current?.close();
  /** Closes the dialog. If the visitor would lose work, the dialog first asks for confirmation. */
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
