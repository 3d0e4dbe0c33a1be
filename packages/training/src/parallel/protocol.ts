import type { ErrorCode, Key } from '@impflow/core';
import type { Layout, Slot } from './layout.ts';
import type { Shard } from './shards.ts';
import type { Part } from './sum.ts';

/** To a worker, first of all: what its module builds the model from. */
export interface StartMessage {
  readonly kind: 'start';
  readonly data: unknown;
}

/** To a worker: the gradient of its shard, please. All it needs is here, for it remembers nothing from step to step. */
export interface GradientRequest {
  readonly kind: 'gradient';
  /** Parameters and buffers, laid out as the worker said in its {@link ReadyMessage}. */
  readonly variables: ArrayBufferLike;
  /** The whole batch. */
  readonly batch: ArrayBufferLike;
  readonly batchSlot: Slot;
  readonly shard: Shard;
  readonly key: Key;
  /** Shared memory for the answer; where absent, the answer brings its own. */
  readonly gradients?: ArrayBufferLike;
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

export interface FailureMessage {
  readonly kind: 'failure';
  readonly message: string;
  /** Of a `FlowError`. */
  readonly code?: ErrorCode;
}

export type ToWorker = StartMessage | GradientRequest;
export type FromWorker = ReadyMessage | GradientAnswer | FailureMessage;
