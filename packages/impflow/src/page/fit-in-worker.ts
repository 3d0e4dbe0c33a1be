import type { WasmFiles } from '@impflow/backend-wasm';
import { FlowError } from '@impflow/core';
import type { FitOptions } from '../fit.ts';
import type { AnyRow, Rows } from '../rows/rows.ts';
import { received } from './carried-error.ts';
import type { FromWorker, TableName, ToWorker, Trained } from './messages.ts';
import { moduleUrl } from './module.ts';
import { piecesOf, uncopied } from './pieces.ts';
import { FIT } from './worker-names.ts';

/**
 * Runs a training in a new worker. The worker is terminated after the training, and when the signal is aborted.
 *
 * @throws the errors of `fitTable` in the worker; the reason of the signal; the errors of `onEvent`; `worker` if the
 * worker dies.
 */
export const fitInWorker = async (
  rows: Rows<AnyRow>,
  { validation, test, onEvent = () => {}, signal, plugins: _plugins, backend: _backend, ...options }: FitOptions,
  files: WasmFiles,
): Promise<Trained> => {
  const worker = new Worker(moduleUrl(), { type: 'module', name: FIT });
  const over = new AbortController();
  try {
    return await new Promise<Trained>((resolve, reject) => {
      const hear = ({ data }: MessageEvent<FromWorker>): void => {
        if (data.kind === 'trained') resolve(data.trained);
        else if (data.kind === 'failed') reject(received(data.error));
        else attempt(() => onEvent(data.event), reject);
      };
      worker.addEventListener('message', hear);
      worker.addEventListener('error', ({ message }) => reject(died(message)));
      signal?.addEventListener('abort', () => reject(signal.reason), { signal: over.signal });
      sendAll(worker, { rows, validation, test }, { kind: 'fit', options, files }).catch(reject);
    });
  } finally {
    over.abort();
    worker.terminate();
  }
};

const attempt = (job: () => void, failed: (error: unknown) => void): void => {
  try {
    job();
  } catch (error) {
    failed(error);
  }
};

const died = (message: string): FlowError =>
  new FlowError('worker', 'impflow/fit', 'The worker of the training died', {
    // The error event has an empty message if the script could not be loaded.
    got: message || `no script at ${moduleUrl()}`,
    hint: 'Check that the page serves the file, and that its content security policy lets workers run it.',
  });

/**
 * Sends the tables and then the options of the training to the worker. Between two pieces of a table, the page can
 * handle its own events.
 */
const sendAll = async (
  worker: Worker,
  tables: Readonly<Record<TableName, Rows<AnyRow> | undefined>>,
  last: ToWorker,
): Promise<void> => {
  const send = (message: ToWorker): void => worker.postMessage(message, []);
  for (const of of ['rows', 'validation', 'test'] as const) {
    const table = tables[of];
    // `piecesOf` throws if `rows` is missing. `validation` and `test` may be missing.
    if (table === undefined && of !== 'rows') continue;
    for await (const piece of piecesOf(table!)) {
      attempt(
        () => send({ kind: 'piece', of, piece }),
        (cause) => {
          throw uncopied(piece, cause);
        },
      );
      await new Promise((next) => setTimeout(next));
    }
  }
  attempt(
    () => send(last),
    (cause) => {
      throw new FlowError('option', 'impflow/fit', 'The options cannot be sent to a worker', {
        expected: 'numbers, strings and lists',
        got: (cause as Error).message,
        cause,
        hint: 'Leave out functions and classes.',
      });
    },
  );
};
