import { FlowError, type Backend, type BackendAdapter } from '@impflow/core';
import { messageOf } from './examine.ts';

/**
 * A function that measures one backend. The function returns the time in milliseconds, or the reason why the backend
 * has no time. A thrown error counts as a reason. `best` is the shortest time so far, `Infinity` at first; a
 * measurement can stop when it exceeds `best`.
 */
export type Measure = (adapter: BackendAdapter, best: number) => Promise<number | string>;

/** Result of {@link fastest}. */
export interface Fastest {
  /** Name of the fastest backend. */
  readonly name: string;
  /** Times in milliseconds, in the order of the adapters. */
  readonly measured: readonly { readonly name: string; readonly ms: number }[];
  /** Backends that could not be measured, with the reason. */
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * Runs a measurement on one adapter after the other and returns the fastest backend.
 *
 * @example
 * ```ts
 * import { cpu } from '@impflow/backend-cpu';
 * import { wasm } from '@impflow/backend-wasm';
 * import { fastest } from '@impflow/doctor';
 * import { matMul, ones } from '@tensorflow/tfjs-core';
 *
 * const { name } = await fastest([wasm(), cpu()], async (adapter) => {
 *   const backend = await adapter.start();
 *   const a = ones([200, 200]);
 *   const begun = performance.now();
 *   for (let i = 0; i < 20; i++) matMul(a, a).dispose();
 *   await a.data();
 *   const ms = performance.now() - begun;
 *   a.dispose();
 *   backend.dispose();
 *   return ms;
 * });
 * console.log(name);
 * ```
 * @throws `unsupported` if no adapter has a time; the message has the reason of each adapter.
 */
export const fastest = async (adapters: readonly BackendAdapter[], measure: Measure): Promise<Fastest> => {
  const measured: { readonly name: string; readonly ms: number }[] = [];
  const leftOut: { readonly name: string; readonly reason: string }[] = [];
  for (const adapter of adapters) {
    const { name } = adapter;
    const outcome = await measure(adapter, Math.min(Infinity, ...measured.map(({ ms }) => ms))).catch(messageOf);
    if (typeof outcome === 'string') leftOut.push({ name, reason: outcome });
    else if (Number.isFinite(outcome)) measured.push({ name, ms: outcome });
    else leftOut.push({ name, reason: `its time was ${outcome}` });
  }
  const [first, ...others] = measured;
  if (first === undefined) {
    throw new FlowError('unsupported', 'doctor/fastest', 'No backend could be measured', {
      expected: 'at least one',
      got: leftOut.map(({ name, reason }) => `${name} (${reason})`).join(', ') || 'no candidates',
    });
  }
  return { name: others.reduce((best, next) => (next.ms < best.ms ? next : best), first).name, measured, leftOut };
};

/**
 * Starts a backend, runs `body` and disposes the backend, even if `body` throws. `body` must read or dispose its
 * tensors before it ends.
 *
 * @throws the errors of `start` and `body`.
 */
export const whileRunning = async <T>(adapter: BackendAdapter, body: (backend: Backend) => Promise<T>): Promise<T> => {
  const backend = await adapter.start();
  try {
    return await body(backend);
  } finally {
    backend.dispose();
  }
};
