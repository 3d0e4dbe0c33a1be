import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { TablePreview } from '../protocol/data.ts';
import type { Session } from '../state/session-types.ts';
import { wording } from '../state/wording.ts';
import { Dialog } from './dialog.tsx';
import { pasted, readFile, type GivenFile } from './files.ts';
import { TableColumns } from './table-columns.tsx';

/**
 * Imports a table from a file or the clipboard. The visitor chooses two columns of the table as axes, and optionally a
 * column for the colors of the points.
 */
export const TableDialog = ({
  session,
  given,
  closed,
}: {
  readonly session: Session;
  readonly given: GivenFile | undefined;
  readonly closed: () => void;
}): JSX.Element => {
  const [file, setFile] = useState(given);
  const [preview, setPreview] = useState<TablePreview>();
  const [problem, setProblem] = useState<string>();
  // If another file is dropped on the dialog, the new file replaces the current file, even if both files have the same
  // name.
  useEffect(() => setFile(given), [given]);
  useEffect(() => {
    setPreview(undefined);
    if (file !== undefined) setProblem(undefined);
    if (file === undefined) return undefined;
    let current = true;
    session.previewTable(file.name, file.bytes.slice()).then(
      (found) => {
        if (current) setPreview(found);
      },
      (error: unknown) => {
        if (current) setProblem(wording(error));
      },
    );
    return () => {
      current = false;
    };
  }, [file]);
  return (
    <Dialog title={file === undefined ? 'Open a table' : file.name} closed={closed} wide>
      {(dismiss) => (
        <>
          {problem === undefined ? null : (
            <p class="problem" role="alert">
              {problem}
            </p>
          )}
          {file === undefined || (preview === undefined && problem !== undefined) ? (
            <Source take={setFile} failed={setProblem} />
          ) : null}
          {file !== undefined && preview === undefined && problem === undefined ? <p role="status">Reading…</p> : null}
          {file === undefined || preview === undefined ? null : (
            <TableColumns
              key={file.name}
              preview={preview}
              failed={setProblem}
              use={(choice) => session.useTable(file.name, file.bytes.slice(), choice)}
              done={dismiss}
            />
          )}
        </>
      )}
    </Dialog>
  );
};

/** Controls to open a file or to paste a table. */
const Source = ({
  take,
  failed,
}: {
  readonly take: (file: GivenFile) => void;
  readonly failed: (problem: string) => void;
}): JSX.Element => {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  return (
    <>
      <p>
        A table has its numbers or dates in columns; two of them become the points. CSV and TSV files can be read, with
        decimal points or commas. You may also drop a file anywhere on the page.
      </p>
      <button type="button" onClick={() => input.current?.click()}>
        Choose a file…
      </button>
      <input
        ref={input}
        type="file"
        accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
        hidden
        aria-label="Table file"
        onChange={({ currentTarget }) => {
          const chosen = currentTarget.files?.[0];
          if (chosen !== undefined) readFile(chosen).then(take, (error: unknown) => failed(wording(error)));
        }}
      />
      <form
        class="field"
        onSubmit={(event) => {
          event.preventDefault();
          take(pasted(text));
        }}
      >
        <label for="pasted-table">Or paste it here</label>
        <textarea
          id="pasted-table"
          rows={6}
          spellcheck={false}
          placeholder={'x,y\n0.1,0.2\n0.3,0.4'}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" disabled={text.trim() === ''}>
          Use what is pasted
        </button>
      </form>
    </>
  );
};
