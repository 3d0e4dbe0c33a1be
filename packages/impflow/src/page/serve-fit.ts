import { builtInRegistries } from '@impflow/flows';
import { frameOfColumns, type CellList } from '@impflow/tables';
import { fitTable } from '../fit-table.ts';
import { checkFitOptions } from '../fit.ts';
import type { FitTableOptions } from '../fitting/options.ts';
import type { AnyRow, Rows } from '../rows/rows.ts';
import { carried } from './carried-error.ts';
import type { FromWorker, TableName, ToWorker, Trained } from './messages.ts';
import type { Piece } from './pieces.ts';
import { startHere } from './start-here.ts';
import { startStepWorkers } from './step-workers.ts';

/** Runs in a worker: receives a table and options from the page, trains, and sends the model back. */
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
  const { test: tested, testWithGaps } = parts;
  const bytes = model.toBytes() as Uint8Array<ArrayBuffer>;
  return { bytes, heldOut: { test: tested, testWithGaps }, report: model.report };
};

type Cells = Extract<Piece, { readonly form: 'cells' }>;

/** Joins the pieces of a table in order, and returns the table. */
const tableOfPieces = (pieces: readonly Piece[]): Rows<AnyRow> => {
  const [first] = pieces;
  switch (first?.form) {
    case 'address':
      return first.address;
    case 'file':
      return first.file;
    case 'frame':
      return { ...first.frame, place: (row) => `row ${row + 1}` };
    case 'cells':
      return frameOfColumns(listsOf(pieces as readonly Cells[]), 'the rows');
    default:
      return pieces.flatMap((piece) => (piece as Extract<Piece, { readonly form: 'rows' }>).rows);
  }
};

const listsOf = (pieces: readonly Cells[]): readonly CellList[] => {
  const columns: { readonly name: string; readonly cells: unknown[] }[] = [];
  for (const { column, name, cells } of pieces) {
    columns[column] ??= { name, cells: [] };
    for (const cell of Array.from(cells)) columns[column].cells.push(cell);
  }
  return columns.map(({ name, cells }) => ({ name, length: cells.length, cell: (row) => cells[row] }));
};
