import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { TablePreview } from '../protocol/data.ts';
import type { Session } from '../state/session-types.ts';
import { wording } from '../state/wording.ts';
import { Dialog } from './dialog.tsx';
import { SelectField } from './field.tsx';
import { pasted, readFile, type GivenFile } from './files.ts';
import { plural } from './words.ts';

/** Imports a table from a file or the clipboard: shows its columns, and lets the visitor choose two. */
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
  // Another file was dropped on the dialog; it may have the same name.
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
            <Columns
              key={file.name}
              preview={preview}
              failed={setProblem}
              use={(columns) => session.useTable(file.name, file.bytes.slice(), columns)}
              done={dismiss}
            />
          )}
        </>
      )}
    </Dialog>
  );
};

/** Ways to provide a table. */
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
        A table has its numbers in columns; two of them become the points. CSV and TSV files can be read. You may also
        drop a file anywhere on the page.
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

const Columns = ({
  preview: { rows, columns },
  use,
  done,
  failed,
}: {
  readonly preview: TablePreview;
  readonly use: (columns: readonly [string, string]) => Promise<void>;
  readonly done: () => void;
  readonly failed: (problem: string | undefined) => void;
}): JSX.Element => {
  const usable = columns.filter(({ problem }) => problem === undefined).map(({ name }) => name);
  const [across, setAcross] = useState(usable[0]);
  const [up, setUp] = useState(usable[1]);
  const [busy, setBusy] = useState(false);
  const take = async (): Promise<void> => {
    if (across === undefined || up === undefined) return;
    setBusy(true);
    failed(undefined);
    try {
      await use([across, up]);
      done();
    } catch (error) {
      failed(wording(error));
    } finally {
      setBusy(false);
    }
  };
  const choices = columns.map(({ name, problem }) => ({ value: name, label: name, disabled: problem !== undefined }));
  const repeated = columns.flatMap(({ name, resolution }) =>
    resolution !== undefined && (name === across || name === up) ? [{ name, resolution }] : [],
  );
  return (
    <>
      <p>
        {plural(rows, 'row')}, {plural(columns.length, 'column')}.
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label="What is in each column">
        <table>
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">First cells</th>
              <th scope="col">Least</th>
              <th scope="col">Most</th>
              <th scope="col">Can be used</th>
            </tr>
          </thead>
          <tbody>
            {columns.map(({ name, first, min, max, problem, resolution }) => (
              <tr key={name} data-chosen={name === across || name === up}>
                <th scope="row">{name}</th>
                <td>{first.join(', ')}</td>
                <td class="number">{shown(min)}</td>
                <td class="number">{shown(max)}</td>
                <td>
                  {problem === undefined ? (
                    resolution === undefined ? (
                      'yes'
                    ) : resolution === 1 ? (
                      'yes, whole numbers'
                    ) : (
                      'yes, values repeat'
                    )
                  ) : (
                    <span class="problem">{problem}</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {usable.length < 2 ? (
        <p class="problem" role="alert">
          Two columns of numbers are needed; this table has {usable.length === 0 ? 'none' : 'one'} that can be used.
        </p>
      ) : (
        <div class="pair">
          <SelectField label="To the right" value={across ?? ''} options={choices} commit={setAcross} />
          <SelectField label="Upwards" value={up ?? ''} options={choices} commit={setUp} />
        </div>
      )}
      {across !== undefined && across === up ? (
        <p class="problem" role="alert">
          Choose two different columns.
        </p>
      ) : null}
      {repeated.map(({ name, resolution }) => (
        <p key={name} class="hint">
          {name}: {resolution === 1 ? 'whole numbers' : 'values'} that repeat have no density; random numbers between 0
          and {shown(resolution)} will be added to them.
        </p>
      ))}
      <footer>
        <button type="button" onClick={done}>
          Cancel
        </button>
        <button
          type="button"
          class="primary"
          disabled={busy || usable.length < 2 || across === up}
          onClick={() => void take()}
        >
          {busy ? 'Taking them…' : 'Use these columns'}
        </button>
      </footer>
    </>
  );
};

const shown = (value: number): string => (Number.isFinite(value) ? String(Number(value.toPrecision(5))) : '–');
