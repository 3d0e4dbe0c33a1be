import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../state/session-types.ts';
import { act } from './act.ts';
import { readFile, type GivenFile } from './files.ts';

/** Accepts files that are dropped anywhere on the page, and shows a message while a file is dragged over the page. */
export const DropTarget = ({
  session,
  open,
  openRun,
}: {
  readonly session: Session;
  readonly open: (file: GivenFile) => void;
  /** Opens the model of a run folder of `impflow train`. */
  readonly openRun: (file: GivenFile) => void;
}): JSX.Element | null => {
  const [hovering, setHovering] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      setHovering(true);
    };
    // `dragleave` also fires when the pointer enters a child element.
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setHovering(false);
    };
    const drop = (event: DragEvent): void => {
      const files = [...(event.dataTransfer?.files ?? [])];
      setHovering(false);
      const file = files[0];
      if (file === undefined) return;
      event.preventDefault();
      // The entries of folders can be read only during the event.
      const folder = [...event.dataTransfer!.items]
        .map((item) => item.webkitGetAsEntry())
        .find((entry) => entry?.isDirectory);
      if (folder) {
        act(session, async () => {
          const { runIn } = await import('./run-folder.ts');
          openRun(await runIn(folder as FileSystemDirectoryEntry));
        });
        return;
      }
      act(session, async () => open(await readFile(file)));
      if (files.length > 1)
        session.notify('warning', `Only one file at a time: ${file.name} is opened, the other files are ignored.`);
    };
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  }, []);
  return hovering ? (
    <div class="drop-target" aria-hidden="true">
      <p>Drop a table, a model, or a run folder</p>
    </div>
  ) : null;
};
