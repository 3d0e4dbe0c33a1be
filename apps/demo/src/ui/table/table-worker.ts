import { useEffect, useMemo } from 'preact/hooks';
import type { TableWorker } from '../../protocol/table.ts';
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
