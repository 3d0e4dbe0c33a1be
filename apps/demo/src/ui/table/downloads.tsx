import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { RowScores } from '../../protocol/table.ts';
import { download } from '../files.ts';
import type { OpenedTable } from './table-worker.ts';

/** Buttons that save the scores, the table with its empty cells filled, and the model. */
export const Downloads = ({
  opened,
  name,
  rows,
  saved,
  failed,
}: {
  readonly opened: OpenedTable;
  /** Name of the file, from which the names of the saved files are made. */
  readonly name: string;
  readonly rows: RowScores | undefined;
  /** Called when the visitor has saved the model. Absent for a model from a file. */
  readonly saved: (() => void) | undefined;
  readonly failed: (error: unknown) => void;
}): JSX.Element => {
  const [busy, setBusy] = useState(false);
  const stem = name.replace(/(\.[a-z]+)(\.gz)?$/i, '');
  const save = (file: string, make: () => Promise<Blob>): void => {
    setBusy(true);
    make()
      .then((blob) => download(file, blob), failed)
      .finally(() => setBusy(false));
  };
  const csv = async (text: Promise<string>): Promise<Blob> => new Blob([await text], { type: 'text/csv' });
  return (
    <>
      {rows === undefined ? null : (
        <button
          type="button"
          disabled={busy}
          onClick={() => save(`${stem}-scores.csv`, () => csv(opened.ask((w) => w.scoresAsCsv())))}
        >
          Save scores
        </button>
      )}
      {rows === undefined || rows.withGaps.length === 0 ? null : (
        <button
          type="button"
          disabled={busy}
          onClick={() => save(`${stem}-filled.csv`, () => csv(opened.ask((w) => w.filledAsCsv())))}
        >
          Save filled table
        </button>
      )}
      {saved === undefined ? null : (
        <button
          type="button"
          disabled={busy}
          onClick={() =>
            save(`${stem}.safetensors`, async () => {
              const bytes = await opened.ask((w) => w.checkpoint());
              saved();
              return new Blob([bytes as Uint8Array<ArrayBuffer>]);
            })
          }
        >
          Save model
        </button>
      )}
    </>
  );
};
