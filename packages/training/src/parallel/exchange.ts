import type { NamedVariables, Slot } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Learnable } from '../learnable.ts';
import { prefixed } from '../records.ts';
import { layoutOf, store, type Layout } from './layout.ts';

/**
 * Memory through which the workers receive the inputs of a step and return the gradients. The memory is reused from
 * step to step.
 */
export interface Exchange {
  readonly model: Learnable['model'];
  /** Values of the parameters, followed by values of the buffers. */
  readonly variables: ArrayBufferLike;
  readonly variablesLayout: Layout;
  readonly batch: ArrayBufferLike;
  readonly batchSlot: Slot;
  /**
   * Memory for the gradients of each worker except the caller. Undefined for a worker that sends its gradients in a
   * message, because it has no shared memory.
   */
  readonly gradients: readonly (ArrayBufferLike | undefined)[];
  /** Layout of `gradients`. The layout equals the layout of the parameters, which come first in `variables`. */
  readonly gradientsLayout: Layout;
}

/** Returns all variables that the loss may read: first the parameters, and then the buffers. */
export const variablesOf = ({ parameters, buffers }: Learnable['model']): NamedVariables => ({
  ...prefixed('parameters', parameters),
  ...prefixed('buffers', buffers),
});

/**
 * Writes a model and a batch into memory. Reuses the memory of `before` if this memory is large enough. `sharing`
 * contains one flag for each worker except the caller: whether the worker has shared memory.
 */
export const exchanged = async (
  before: Exchange | undefined,
  model: Learnable['model'],
  batch: Tensor,
  sharing: readonly boolean[],
): Promise<Exchange> => {
  const shared = sharing.includes(true);
  const memory = (old: ArrayBufferLike | undefined, bytes: number): ArrayBufferLike =>
    old !== undefined && old.byteLength >= bytes ? old : shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  const variables = variablesOf(model);
  const { variablesLayout, gradientsLayout } =
    before?.model === model
      ? before
      : { variablesLayout: layoutOf(variables), gradientsLayout: layoutOf(model.parameters) };
  const batchLayout = layoutOf({ batch });
  const exchange: Exchange = {
    model,
    variables: memory(before?.variables, variablesLayout.bytes),
    variablesLayout,
    gradientsLayout,
    batch: memory(before?.batch, batchLayout.bytes),
    batchSlot: batchLayout.slots['batch']!,
    gradients: sharing.map((own, i) => (own ? memory(before?.gradients[i], gradientsLayout.bytes) : undefined)),
  };
  await Promise.all([
    store(variablesLayout, exchange.variables, variables),
    store(batchLayout, exchange.batch, { batch }),
  ]);
  return exchange;
};

/**
 * Returns whether the platform has shared memory. A page has shared memory only if it is isolated from other origins
 * (headers COOP and COEP).
 */
export const sharesMemory = (): boolean =>
  typeof SharedArrayBuffer === 'function' &&
  (globalThis as { readonly crossOriginIsolated?: boolean }).crossOriginIsolated !== false;
