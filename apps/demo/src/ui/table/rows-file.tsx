import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { LearnedColumn, RowScores } from '../../protocol/table.ts';
import { readFile } from '../files.ts';
import { TABLES } from './formats.ts';
import type { OpenedTable } from './table-worker.ts';

/** Asks for a table whose rows an opened model judges. A run folder does not contain the rows. */
export const RowsFile = ({
  opened,
  columns,
  taken,
  failed,
}: {
  readonly opened: OpenedTable;
  readonly columns: readonly LearnedColumn[];
  readonly taken: (rows: RowScores) => void;
  readonly failed: (error: unknown) => void;
}): JSX.Element => {
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  return (
    <section class="rows-file" aria-label="Rows">
      <p>
        A model file does not contain the rows. Open a table with the columns{' '}
        {columns.map(({ name }) => name).join(', ')} to see which rows are strange, and to fill its empty cells.
      </p>
      <button type="button" class="primary" disabled={busy} onClick={() => input.current?.click()}>
        {busy ? 'Reading…' : 'Open rows…'}
      </button>
      <input
        ref={input}
        type="file"
        accept={TABLES}
        hidden
        aria-label="Table with rows"
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file === undefined) return;
          setBusy(true);
          const judge = async (): Promise<void> => {
            const given = await readFile(file);
            taken(await opened.ask((w) => w.score(given)));
          };
          judge()
            .catch(failed)
            .finally(() => setBusy(false));
        }}
      />
    </section>
  );
};
