import { builtInRegistries } from '@impflow/flows';
import { fitTable } from '../fit-table.ts';
import { checkFitOptions } from '../fit.ts';
import type { FitTableOptions } from '../fitting/options.ts';
import type { AnyRow, Rows } from '../rows/rows.ts';
import { carried } from './carried-error.ts';
import type { FromWorker, TableName, ToWorker, Trained } from './messages.ts';
import type { Piece } from './pieces.ts';
import { startHere } from './start-here.ts';
import { startStepWorkers } from './step-workers.ts';
import { tableOfPieces } from './table-of-pieces.ts';

/** Serves one call of `fit`, as the worker of a page. */
export const serveFit = (): void => {
  const pieces: Record<TableName, Piece[]> = { rows: [], validation: [], test: [] };
  addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
    if (data.kind === 'piece') pieces[data.of].push(data.piece);
    else
      trained(pieces, data).then(
        (model) => answer({ kind: 'trained', trained: model }, [model.bytes.buffer]),
        (error: unknown) => answer({ kind: 'failed', error: carried(error) }),
      );
  });
};

const answer = (message: FromWorker, transfer: readonly ArrayBuffer[] = []): void =>
  (globalThis as unknown as Pick<Worker, 'postMessage'>).postMessage(message, [...transfer]);

const trained = async (
  { rows, validation, test }: Readonly<Record<TableName, readonly Piece[]>>,
  { options, files }: Extract<ToWorker, { readonly kind: 'fit' }>,
): Promise<Trained> => {
  checkFitOptions(options);
  await startHere(files);
  const own = (name: TableName, pieces: readonly Piece[]): Partial<Record<TableName, Rows<AnyRow>>> =>
    pieces.length === 0 ? {} : { [name]: tableOfPieces(pieces) };
  const end = await fitTable(tableOfPieces(rows), {
    ...(options as Partial<FitTableOptions>),
    ...own('validation', validation),
    ...own('test', test),
    registries: builtInRegistries,
    onEvent: (event) => answer({ kind: 'event', event }),
    startWorkers: startStepWorkers(files),
  });
  if (end.stopped === 'aborted') throw new Error('A training without a signal was ended.');
  const { model, parts } = end;
  return { bytes: model.toBytes() as Uint8Array<ArrayBuffer>, test: parts.test, report: model.report };
};
