import type { ErrorCode, Key, Slot } from '@impflow/core';
import type { Layout } from './layout.ts';
import type { MappedRows } from './row-map.ts';
import type { Shard } from './shards.ts';
import type { Part } from './sum.ts';

/** To a worker, first of all: what its module builds the model from. */
export interface StartMessage {
  readonly kind: 'start';
  readonly data: unknown;
}

/** To a worker: something at its shard, please. All it needs is here, for it remembers nothing from step to step. */
interface ShardRequest {
  /** Parameters and buffers, laid out as the worker said in its {@link ReadyMessage}. */
  readonly variables: ArrayBufferLike;
  /** The whole batch. */
  readonly batch: ArrayBufferLike;
  readonly batchSlot: Slot;
  readonly shard: Shard;
  readonly key: Key;
}

export interface GradientRequest extends ShardRequest {
  readonly kind: 'gradient';
  /** Of the batch's mean that these rows make up. */
  readonly share: number;
  /** Shared memory for the answer; where absent, the answer brings its own. */
  readonly gradients?: ArrayBufferLike;
}

export interface MapRequest extends ShardRequest {
  readonly kind: 'map';
  readonly name: string;
}

/** From a worker: the model is built. */
export interface ReadyMessage {
  readonly kind: 'ready';
  /** Of the parameters first, then of the buffers; gradients lie as the parameters do. */
  readonly layout: Layout;
}

/** From a worker: what it found, without the gradients where they lie in shared memory. */
export interface GradientAnswer extends Omit<Part, 'gradients'> {
  readonly kind: 'gradient';
  readonly gradients?: ArrayBufferLike;
  /** Alive in the worker after the step. */
  readonly tensors: number;
}

export interface MapAnswer extends MappedRows {
  readonly kind: 'map';
  readonly tensors: number;
}

export interface FailureMessage {
  readonly kind: 'failure';
  readonly message: string;
  /** Of a `FlowError`. */
  readonly code?: ErrorCode;
}

export type ToWorker = StartMessage | GradientRequest | MapRequest;
export type FromWorker = ReadyMessage | GradientAnswer | MapAnswer | FailureMessage;
