import { wasmFiles } from '@impflow/backend-wasm';
import type { load as Load, LoadOptions } from '../load.ts';
import type { Model } from '../model.ts';
import { loadModule } from './module.ts';
import { refuseForeign } from './refuse-foreign.ts';

/**
 * Opens a model in the page, as `load` does in Node: from the address of its checkpoint, a file or bytes.
 *
 * @throws as `load` in Node; `option` for plugins and a backend, as `fit` does.
 */
export const load = (async (from: string | URL | Uint8Array | Blob, options: LoadOptions = {}): Promise<Model> => {
  refuseForeign(options);
  const computing = await loadModule();
  await computing.startHere(wasmFiles());
  return computing.load(from);
}) as typeof Load;
