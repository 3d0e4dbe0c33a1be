import type { ErrorCode, Key, Slot } from '@impflow/core';
import type { Layout } from './layout.ts';
import type { MappedRows } from './row-map.ts';
import type { Shard } from './shards.ts';
import type { Part } from './sum.ts';

/** First message to a worker: the argument of its module's `build`. */
interface StartMessage {
  readonly kind: 'start';
  readonly data: unknown;
}

/**
 * Request to a worker for results on its shard. The request contains all variables, because a worker keeps no state
 * between steps.
 */
interface ShardRequest {
  /** Parameters and buffers, in the layout of the worker's {@link ReadyMessage}. */
  readonly variables: ArrayBufferLike;
  /** The whole batch. */
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
  /** Shared memory for the gradient. If absent, the answer contains the gradient. */
  readonly gradients?: ArrayBufferLike;
}

/** Request for the results of the map `name` on the rows of the shard. */
export interface MapRequest extends ShardRequest {
  readonly kind: 'map';
  readonly name: string;
}

/** Message of a worker that has built its model. */
export interface ReadyMessage {
  readonly kind: 'ready';
  /** Layout of the parameters, then of the buffers. Gradients have the layout of the parameters. */
  readonly layout: Layout;
}

/** Answer to a {@link GradientRequest}. It lacks the gradients if they are in shared memory. */
export interface GradientAnswer extends Omit<Part, 'gradients'> {
  readonly kind: 'gradient';
  readonly gradients?: ArrayBufferLike;
  /** Number of live tensors in the worker after the step. */
  readonly tensors: number;
}

/** Answer to a {@link MapRequest}. */
export interface MapAnswer extends MappedRows {
  readonly kind: 'map';
  /** Number of live tensors in the worker after the step. */
  readonly tensors: number;
}

/** An error in a worker. */
export interface FailureMessage {
  readonly kind: 'failure';
  readonly message: string;
  /** Code of the error, if it is a `FlowError`. */
  readonly code?: ErrorCode;
}

/** Messages of the owner. */
export type ToWorker = StartMessage | GradientRequest | MapRequest;
/** Messages of a worker. */
export type FromWorker = ReadyMessage | GradientAnswer | MapAnswer | FailureMessage;
