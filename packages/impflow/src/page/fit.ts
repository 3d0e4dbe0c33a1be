import { wasmFiles } from '@impflow/backend-wasm';
import { FlowError } from '@impflow/core';
import type { fit as Fit, FitOptions } from '../fit.ts';
import type { Model } from '../model.ts';
import type { AnyRow, Rows } from '../rows/rows.ts';
import { isSampler } from '../table/source.ts';
import type * as Computing from './computing.ts';
import { fitInWorker } from './fit-in-worker.ts';
import { loadModule } from './module.ts';
import { refuseForeign } from './refuse-foreign.ts';

/**
 * Learns the distribution of a table, as `fit` does in Node. The training runs in a worker, so it does not block the
 * page. The model is opened in the page at its first use. Its methods are synchronous and block the page while they
 * run.
 *
 * @remarks The same rows, options and seed give the same bits as in Node on the same machine, if `steps` and `workers`
 * are given and both engines have relaxed SIMD, as current Chromium and Node do.
 *
 * @throws as `fit` in Node; `option` for plugins and a backend, and `input` for a density to draw from, because they
 * cannot be sent to a worker: use `fit` of `impflow/run`, in a worker of your own.
 */
export const fit = (async (rows: Rows<AnyRow>, options: FitOptions = {}): Promise<Model> => {
  refuseForeign(options);
  if (isSampler(rows))
    throw new FlowError('input', 'impflow/fit', 'Wrong rows', {
      expected: 'a table',
      got: 'a density to draw from, which cannot be sent to a worker',
      hint: 'Draw rows first.',
    });
  options.signal?.throwIfAborted();
  const files = wasmFiles();
  // The page and the worker load the same file, so the page is ready long before the training ends.
  const here = async (): Promise<typeof Computing> => {
    const computing = await loadModule();
    await computing.startHere(files);
    return computing;
  };
  const [trained, { openTrained }] = await Promise.all([fitInWorker(rows, options, files), here()]);
  return openTrained(trained);
}) as typeof Fit;
