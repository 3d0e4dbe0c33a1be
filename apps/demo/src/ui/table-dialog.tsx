import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { TablePreview } from '../protocol/data.ts';
import type { Session } from '../state/session-types.ts';
import { wording } from '../state/wording.ts';
import { Dialog } from './dialog.tsx';
import { FileButton } from './file-button.tsx';
import { pasted, readFile, type GivenFile } from './files.ts';
import { TableColumns, type LearnRequest } from './table-columns.tsx';
import { TABLES } from './table/formats.ts';
import { Learning } from './table/learning.tsx';
import { previewOf } from './table/table-worker.ts';

/**
 * Opens a table from a file or the clipboard. The visitor chooses columns. A model learns all of them in this dialog, or
 * two of them become the data of the page.
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
  const [request, setRequest] = useState<LearnRequest>();
  const unsaved = useRef(false);
  const choices = useRef<HTMLDivElement>(null);
  const learning = useRef(false);
  useEffect(() => {
    // The button that had the focus is gone when the dialog returns to the choice of columns.
    if (learning.current && request === undefined)
      choices.current?.querySelector<HTMLElement>('button.primary')?.focus();
    learning.current = request !== undefined;
  }, [request]);
  // If another file is dropped on the dialog, the new file replaces the current file, even if both files have the same
  // name.
  useEffect(() => setFile(given), [given]);
  useEffect(() => {
    setPreview(undefined);
    setRequest(undefined);
    if (file !== undefined) setProblem(undefined);
    if (file === undefined) return undefined;
    let current = true;
    previewOf({ name: file.name, bytes: file.bytes.slice() }).then(
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
    <Dialog
      title={file === undefined ? 'Open a table' : file.name}
      closed={closed}
      discards={() => (unsaved.current ? `the model of ${file?.name}` : undefined)}
      wide
    >
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
            // The choices of the visitor are kept while the model learns, for another try.
            <div ref={choices} class="table-columns" hidden={request !== undefined}>
              <TableColumns
                key={file.name}
                preview={preview}
                failed={setProblem}
                learn={(wanted) => {
                  setProblem(undefined);
                  setRequest(wanted);
                }}
                use={(choice) => session.useTable(file.name, file.bytes.slice(), choice)}
                done={dismiss}
              />
            </div>
          )}
          {file === undefined || request === undefined ? null : (
            <Learning
              session={session}
              file={file}
              request={request}
              unsaved={unsaved}
              back={(reason) => {
                setRequest(undefined);
                setProblem(reason);
              }}
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
  const [text, setText] = useState('');
  return (
    <>
      <p>
        A table has a column for each quantity: numbers, texts or dates, and cells may be empty. CSV, TSV, JSON and
        Parquet files can be read, with decimal points or commas. You may also drop a file anywhere on the page. The
        file stays in this browser.
      </p>
      <FileButton
        label="Table file"
        accept={TABLES}
        chosen={(file) => void readFile(file).then(take, (error: unknown) => failed(wording(error)))}
      >
        Choose a file…
      </FileButton>
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
