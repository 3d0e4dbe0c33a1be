import { cpu } from '@impflow/backend-cpu';
import { cuda, native } from '@impflow/backend-cuda';
import { wasm } from '@impflow/backend-wasm';
import { webgl } from '@impflow/backend-webgl';
import { webgpu } from '@impflow/backend-webgpu';
import { registry, type Backend, type BackendAdapter, type Registry, type Table } from '@impflow/core';

/**
 * The backends that this program knows. The last two run in browsers only, and say so when started. TensorFlow has one thread, since workers, which share more than single
 * operations, are faster than its own (docs/benchmarks.md).
 */
export const backends: Registry<Table<BackendAdapter>> = registry<Table<BackendAdapter>>('backend', {
  wasm: () => wasm(), cpu: () => cpu(), native: () => native({ threads: 1 }), cuda: () => cuda(), webgl: () => webgl(), webgpu: () => webgpu(),
});

/** Where nothing is said. */
export const DEFAULT_BACKEND = 'wasm';

/** What `--backend` takes: a name, or `auto`. */
export const BACKEND_CHOICES: readonly string[] = [...backends.names, 'auto'];

/** @throws `registry` for an unknown name; what the adapter throws where it cannot run here: why, and what to do. */
export const startBackend = (name: string = DEFAULT_BACKEND): Promise<Backend> => backends.create({ name }).start();
