import { wasmFiles } from '@impflow/backend-wasm';
import type { load as Load, LoadOptions } from '../load.ts';
import type { Model } from '../model.ts';
import { loadModule } from './module.ts';
import { refuseForeign } from './refuse-foreign.ts';

/**
 * Opens a model in the page, like `load` in Node. The model is given as the address of its checkpoint, as a file or as
 * bytes.
 *
 * @throws the errors of `load` in Node; `option` for the options `plugins` and `backend`, which a page does not
 * support.
 */
export const load = (async (from: string | URL | Uint8Array | Blob, options: LoadOptions = {}): Promise<Model> => {
  refuseForeign(options);
  const computing = await loadModule();
  await computing.startHere(wasmFiles());
  return computing.load(from);
}) as typeof Load;
