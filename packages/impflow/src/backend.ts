import { wasm } from '@impflow/backend-wasm';
import { capabilities, FlowError, type BackendAdapter } from '@impflow/core';
import { engine, getBackend } from '@tensorflow/tfjs-core';

/** Returns whether a backend of TensorFlow.js is running. */
const isRunning = (): boolean => (engine().backendName as string | null | undefined) != null;

/**
 * Makes sure that a backend runs: the given backend, or else the backend that is already running, or else WebAssembly.
 * Returns the name and the set of kernels of the backend, such as `wasm (avx512)`.
 *
 * @throws `unsupported` if the backend does not start; `option` for a backend without synchronous reads, such as WebGPU
 * in a page, because scores are synchronous.
 */
export const ensureBackend = async (adapter?: BackendAdapter): Promise<string> => {
  if (adapter !== undefined) await adapter.start();
  else if (!isRunning()) await wasm().start();
  const { syncRead, kernels } = capabilities();
  if (syncRead) return `${getBackend()}${kernels === undefined ? '' : ` (${kernels})`}`;
  throw new FlowError('option', 'impflow/fit', `The backend ${getBackend()} has no synchronous read`, {
    expected: 'a backend whose tensors can be read without waiting, such as wasm',
    got: getBackend(),
    hint: 'Leave the option backend out.',
  });
};
