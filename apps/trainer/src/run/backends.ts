import { cpu } from '@impflow/backend-cpu';
import { cuda, native } from '@impflow/backend-cuda';
import { wasm } from '@impflow/backend-wasm';
import { webgl } from '@impflow/backend-webgl';
import { webgpu } from '@impflow/backend-webgpu';
import { failedIn, isFlowError, registry, unknownName, type Backend, type BackendAdapter, type Registry, type Table } from '@impflow/core';

/**
 * The backends that this program knows. The last two run in browsers only, and say so when started. TensorFlow has one thread, since workers, which share more than single
 * operations, are faster than its own (docs/benchmarks.md).
 */
export const backends: Registry<Table<BackendAdapter>> = registry<Table<BackendAdapter>>('backend', {
  wasm: () => wasm(), cpu: () => cpu(), native: () => native({ threads: 1 }), cuda: () => cuda(), webgl: () => webgl(), webgpu: () => webgpu(),
}, ['isAvailable', 'start']);

/** Where nothing is said. */
export const DEFAULT_BACKEND = 'wasm';

/** The backend of a name, started, under that name. @throws `registry` for a name that `known` has not; what the adapter throws where it cannot run here: why, and what to do. */
export const startBackend = async (name: string = DEFAULT_BACKEND, known: Registry<Table<BackendAdapter>> = backends): Promise<Backend> => {
  if (!known.has(name)) throw unknownName('cli', 'value of --backend', name, [...known.names, 'auto']);
  // A plugin's may call itself otherwise; workers start it by the name that is registered.
  const adapter = known.create({ name });
  try {
    return { ...await adapter.start(), name };
  } catch (cause) {
    // What an adapter refuses, it explains.
    throw isFlowError(cause) ? cause : failedIn('cli', 'backend', adapter, 'start', cause, name);
  }
};
