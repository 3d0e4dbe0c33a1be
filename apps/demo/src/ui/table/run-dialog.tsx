import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { LearnedTable } from '../../protocol/table.ts';
import { wording } from '../../state/wording.ts';
import { Dialog } from '../dialog.tsx';
import type { GivenFile } from '../files.ts';
import { Studio } from './studio.tsx';
import { useTableWorker, type OpenedTable } from './table-worker.ts';

/** Shows a model of a table that `impflow train` or this page wrote, with its report. */
export const RunDialog = ({ file, closed }: { readonly file: GivenFile; readonly closed: () => void }): JSX.Element => {
  const { worker } = useTableWorker();
  const [ready, setReady] = useState<{ readonly opened: OpenedTable; readonly table: LearnedTable }>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let current = true;
    const open = async (): Promise<void> => {
      const opened = await worker;
      const table = await opened.ask((w) => w.open(file.name, file.bytes.slice()));
      if (current) setReady({ opened, table });
    };
    open().catch((error: unknown) => {
      if (current) setProblem(wording(error));
    });
    return () => {
      current = false;
    };
  }, []);
  return (
    <Dialog title={file.name} closed={closed} wide>
      {() => (
        <>
          {problem === undefined ? null : (
            <p class="problem" role="alert">
              {problem}
            </p>
          )}
          {ready === undefined ? (
            problem === undefined ? (
              <p role="status">Opening the model…</p>
            ) : null
          ) : (
            <Studio opened={ready.opened} table={ready.table} name={file.name} pair={pairOf(ready.table)} />
          )}
        </>
      )}
    </Dialog>
  );
};

/** Returns the columns that the page shows at first: numbers before dates and categories. */
const pairOf = ({ columns }: LearnedTable): readonly [string, string] => {
  const [first, second] = [
    ...columns.filter(({ kind }) => kind === 'number'),
    ...columns.filter(({ kind }) => kind !== 'number'),
  ];
  return [first!.name, (second ?? first!).name];
};
