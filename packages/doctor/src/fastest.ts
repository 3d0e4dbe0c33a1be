import { FlowError, type Backend, type BackendAdapter } from '@impflow/core';
import { messageOf } from './examine.ts';

/**
 * Milliseconds of what matters on one backend, or, in words, why it is not in the race. `best` is the shortest time so far (Infinity at
 * first), so that a measurement can stop once it cannot be the shortest. What it throws is a reason too.
 */
export type Measure = (adapter: BackendAdapter, best: number) => Promise<number | string>;

export interface Fastest {
  readonly name: string;
  /** In the order of the adapters. */
  readonly measured: readonly { readonly name: string; readonly ms: number }[];
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * Runs a measurement on one adapter after the other and tells the fastest.
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
 * @throws `unsupported` where none of them gives a time, with all reasons.
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
      expected: 'at least one', got: leftOut.map(({ name, reason }) => `${name} (${reason})`).join(', ') || 'no candidates',
    });
  }
  return { name: others.reduce((best, next) => (next.ms < best.ms ? next : best), first).name, measured, leftOut };
};

/** `body` on a backend that runs for as long; what `body` made must be given back or read before it ends. @throws what `start` and `body` throw. */
export const whileRunning = async <T>(adapter: BackendAdapter, body: (backend: Backend) => Promise<T>): Promise<T> => {
  const backend = await adapter.start();
  try {
    return await body(backend);
  } finally {
    backend.dispose();
  }
};
