import { useEffect, useMemo } from 'preact/hooks';
import type { TablePreview } from '../../protocol/data.ts';
import type { TableFile, TableWorker } from '../../protocol/table.ts';
import { openWorker, type Opened } from '../../state/open-worker.ts';

/**
 * A choice of options, for example among mixtures, is one long computation, during which the worker does not answer.
 * The visitor can stop it with a button.
 */
const PATIENCE_MS = 600_000;

export type OpenedTable = Opened<TableWorker>;

/** Starts a worker for a learned table. The worker ends when the component is unmounted, also in the middle of a training. */
export const useTableWorker = (): { readonly worker: Promise<OpenedTable>; close(): void } => {
  const held = useMemo(() => {
    const worker = openWorker<TableWorker>('table', { patienceMs: () => PATIENCE_MS });
    worker.catch(() => {});
    return {
      worker,
      close: () => {
        worker.then(
          (opened) => opened.close(),
          () => {},
        );
      },
    };
  }, []);
  useEffect(() => held.close, []);
  return held;
};

/** Time after which a file counts as unreadable: a damaged Parquet file can make its reader loop forever. */
const READING_MS = 60_000;

/** Describes the columns of a table, in a worker of its own, so that a damaged file harms nothing else. */
export const previewOf = async (file: TableFile): Promise<TablePreview> => {
  const opened = await openWorker<TableWorker>('table', { patienceMs: () => READING_MS });
  try {
    return await opened.ask((w) => w.preview(file));
  } finally {
    opened.close();
  }
};
