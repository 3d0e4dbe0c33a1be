import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { LearnedColumn, RowScores } from '../../protocol/table.ts';
import { FileButton } from '../file-button.tsx';
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
  const [busy, setBusy] = useState(false);
  return (
    <section class="rows-file" aria-label="Rows">
      <p>
        A model file does not contain the rows. Open a table with the columns{' '}
        {columns.map(({ name }) => name).join(', ')} to see which rows are strange, and to fill its empty cells.
      </p>
      <FileButton
        label="Table with rows"
        accept={TABLES}
        primary
        disabled={busy}
        chosen={(file) => {
          setBusy(true);
          const judge = async (): Promise<void> => {
            const given = await readFile(file);
            taken(await opened.ask((w) => w.score(given)));
          };
          judge()
            .catch(failed)
            .finally(() => setBusy(false));
        }}
      >
        {busy ? 'Reading…' : 'Open rows…'}
      </FileButton>
    </section>
  );
};
