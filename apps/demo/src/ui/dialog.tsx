import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

/** A dialog that is open as long as it is there; `closed` is called when it is dismissed, also by Escape. The focus goes back to where it was. */
export const Dialog = ({ title, closed, children, wide = false }: {
  readonly title: string; readonly closed: () => void; readonly wide?: boolean;
  readonly children: (dismiss: () => void) => ComponentChildren;
}): JSX.Element => {
  const element = useRef<HTMLDialogElement>(null);
  const here = useRef(true);
  const id = useId();
  useEffect(() => {
    const dialog = element.current!;
    dialog.showModal();
    // Taken away while open: closing gives the focus back. Nobody waits for that event any more.
    return () => {
      here.current = false;
      dialog.close();
    };
  }, []);
  const dismiss = (): void => element.current?.close();
  return (
    <dialog ref={element} class={wide ? 'wide' : undefined} aria-labelledby={id} onClose={() => { if (here.current) closed(); }}>
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="quiet close" aria-label="Close" onClick={dismiss}><span aria-hidden="true">×</span></button>
      </header>
      {children(dismiss)}
    </dialog>
  );
};

/** A question before something that cannot be taken back. */
export const Confirm = ({ question, explanation, yes, confirmed, closed }: {
  readonly question: string; readonly explanation: ComponentChildren; readonly yes: string; readonly confirmed: () => void; readonly closed: () => void;
}): JSX.Element => (
  <Dialog title={question} closed={closed}>
    {(dismiss) => (
      <>
        {explanation}
        <footer>
          <button type="button" onClick={dismiss}>Cancel</button>
          <button type="button" class="primary" onClick={() => { dismiss(); confirmed(); }}>{yes}</button>
        </footer>
      </>
    )}
  </Dialog>
);
