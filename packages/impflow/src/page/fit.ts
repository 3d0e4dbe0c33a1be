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
 * Learns the distribution of a table, like `fit` in Node. The training runs in a worker, so the page is not blocked.
 * The model is opened in the page at its first use. The methods of the model are synchronous and block the page while
 * they run.
 *
 * @remarks On one machine, equal rows, options and seeds give models in the page and in Node that are bit-identical, if
 * `steps` and `workers` are given and both engines have relaxed SIMD, as current Chromium and Node do.
 *
 * @throws the errors of `fit` in Node; `option` for the options `plugins` and `backend`, and `input` for a sampler.
 * Plugins, backends and samplers cannot be sent to a worker. To use them, call `fit` of `impflow/run` in your own
 * worker.
 */
export const fit = (async (rows: Rows<AnyRow>, options: FitOptions = {}): Promise<Model> => {
  refuseForeign(options);
  if (isSampler(rows))
    throw new FlowError('input', 'impflow/fit', 'Wrong rows', {
      expected: 'a table',
      got: 'a density from which rows are drawn, which cannot be sent to a worker',
      hint: 'Draw rows first.',
    });
  options.signal?.throwIfAborted();
  const files = wasmFiles();
  // The page loads the script while the worker trains, so the script is loaded long before the training ends.
  const failed = new AbortController();
  const here = async (): Promise<typeof Computing> => {
    try {
      const computing = await loadModule();
      await computing.startHere(files);
      return computing;
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal]);
  const [trained, { openTrained }] = await Promise.all([fitInWorker(rows, { ...options, signal }, files), here()]);
  return openTrained(trained);
}) as typeof Fit;
