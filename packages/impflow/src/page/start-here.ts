import { wasm, type WasmFiles } from '@impflow/backend-wasm';

let starting: Promise<unknown> | undefined;

/**
 * Starts the WebAssembly backend in this thread, once. After a failure, the next call tries to start the backend again.
 */
export const startHere = async (files: WasmFiles): Promise<void> => {
  starting ??= wasm(files).start();
  try {
    await starting;
  } catch (error) {
    starting = undefined;
    throw error;
  }
};
