import type { WallWorker } from '../../protocol/wall.ts';
import { startBackend, type Computing } from '../backends.ts';
import { fitBlocks } from './fit-blocks.ts';

/**
 * Creates the interface of the worker that fits one residual and one implicit block. The worker runs one fit at a time.
 * The first fit starts the backend.
 */
export const wall = (): WallWorker => {
  let backend: Promise<Computing> | undefined;
  let current = new AbortController();
  /** Promise that settles when no fit is running. */
  let before: Promise<unknown> = Promise.resolve();
  let steps = 0;
  return {
    fit: async (request, report) => {
      current.abort();
      current = new AbortController();
      const { signal } = current;
      const run = before.then(async () => {
        await (backend ??= startBackend('wasm'));
        if (signal.aborted) return;
        await fitBlocks(
          request,
          (curve) => {
            steps = curve.step;
            // `report` is a comlink proxy, so its result is always a promise. The promise settles when the page has
            // handled the call.
            return report(curve);
          },
          signal,
        );
      });
      before = run.catch(() => {});
      await run;
    },
    stop: () => current.abort(),
    ping: () => steps,
  };
};
