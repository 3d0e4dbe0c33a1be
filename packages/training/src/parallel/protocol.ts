import type { ErrorCode, Key, Slot } from '@impflow/core';
import type { Layout } from './layout.ts';
import type { MappedRows } from './row-map.ts';
import type { Shard } from './shards.ts';
import type { Part } from './sum.ts';

/** First message to a worker, with the argument of the function `build` in its module. */
interface StartMessage {
  readonly kind: 'start';
  readonly data: unknown;
}

/**
 * Request to a worker for results on its shard (its rows of the batch). The request contains all variables, because a
 * worker keeps no state between steps.
 */
interface ShardRequest {
  /** Values of the parameters and buffers, in the layout of the worker's {@link ReadyMessage}. */
  readonly variables: ArrayBufferLike;
  /** Values of the whole batch. */
  readonly batch: ArrayBufferLike;
  readonly batchSlot: Slot;
  readonly shard: Shard;
  readonly key: Key;
}

/** Request for the gradient of the loss on the shard. */
export interface GradientRequest extends ShardRequest {
  readonly kind: 'gradient';
  /** Number of rows of the shard divided by the number of rows of the batch. */
  readonly share: number;
  /** Shared memory for the gradient. If absent, the response contains the gradient. */
  readonly gradients?: ArrayBufferLike;
}

/** Request for the results of the map `name` on the rows of the shard. */
export interface MapRequest extends ShardRequest {
  readonly kind: 'map';
  readonly name: string;
}

/** Message from a worker that has built its model. */
export interface ReadyMessage {
  readonly kind: 'ready';
  /** Layout of the parameters, followed by the layout of the buffers. Gradients have the layout of the parameters. */
  readonly layout: Layout;
}

/** Response to a {@link GradientRequest}. Gradients in shared memory are not part of the response. */
export interface GradientAnswer extends Omit<Part, 'gradients'> {
  readonly kind: 'gradient';
  readonly gradients?: ArrayBufferLike;
  /** Number of live tensors in the worker after the step. */
  readonly tensors: number;
}

/** Response to a {@link MapRequest}. */
export interface MapAnswer extends MappedRows {
  readonly kind: 'map';
  /** Number of live tensors in the worker after the step. */
  readonly tensors: number;
}

/** Message from a worker in which an error was thrown. */
export interface FailureMessage {
  readonly kind: 'failure';
  readonly message: string;
  /** Code of the error, if it is a `FlowError`. */
  readonly code?: ErrorCode;
}

/** Messages from the owner to a worker. */
export type ToWorker = StartMessage | GradientRequest | MapRequest;
/** Messages from a worker to its owner. */
export type FromWorker = ReadyMessage | GradientAnswer | MapAnswer | FailureMessage;
