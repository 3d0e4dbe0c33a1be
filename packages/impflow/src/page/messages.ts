import type { WasmFiles } from '@impflow/backend-wasm';
import type { FitEvent } from '../events.ts';
import type { FitOptions } from '../fit.ts';
import type { HeldOutRows } from '../questions/drift/model-drift.ts';
import type { Report } from '../report.ts';
import type { CarriedError } from './carried-error.ts';
import type { Piece } from './pieces.ts';

/** Names of the tables that a training reads. */
export type TableName = 'rows' | 'validation' | 'test';

/** Options of `fit` that can be sent to a worker. */
type SentOptions = Omit<FitOptions, TableName | 'onEvent' | 'signal' | 'plugins' | 'backend'>;

/** Messages from a page to the worker of a training: the tables in pieces, and then the options. */
export type ToWorker =
  | { readonly kind: 'piece'; readonly of: TableName; readonly piece: Piece }
  | { readonly kind: 'fit'; readonly options: SentOptions; readonly files: WasmFiles };

/** A trained model, as the worker sends it to the page. */
export interface Trained {
  /** The checkpoint file of the model. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The test rows. */
  readonly heldOut: HeldOutRows;
  readonly report: Report;
}

/** Messages from the worker of a training to the page. */
export type FromWorker =
  | { readonly kind: 'event'; readonly event: FitEvent }
  | { readonly kind: 'trained'; readonly trained: Trained }
  | { readonly kind: 'failed'; readonly error: CarriedError };
