import { isMainThread } from 'node:worker_threads';
// A worker for parallel.test.ts. The worker serves the model of parallel-model.ts, or fails as the option `fault`
// describes.
import { cpu } from '@impflow/backend-cpu';
import { FlowError } from '@impflow/core';
import { serveWorker } from '@impflow/training';
import { noisy, SEED, wider, type WorkerData } from './parallel-model.ts';

if (isMainThread && process.env['IMPFLOW_WORKER'] === undefined) throw new Error('not a worker');
serveWorker(async ({ fault, at = 0 }: WorkerData) => {
  await cpu().start();
  if (fault === 'build') throw new FlowError('registry', 'test/build', 'No such thing');
  if (fault === 'exit at start') process.exit(3);
  const learnable = fault === 'other model' ? wider(SEED) : noisy(SEED + 1);
  let calls = 0;
  return {
    ...learnable,
    loss: (batch, key, report) => {
      if (calls++ >= at) {
        if (fault === 'exit') process.exit(7);
        if (fault === 'throw') throw new FlowError('convergence', 'test/loss', 'No convergence');
        // The error is thrown in the callback of a timer, so that it rejects no promise that the worker awaits.
        if (fault === 'crash')
          setImmediate(() => {
            throw new Error('crash');
          });
      }
      return learnable.loss(batch, key, report);
    },
  };
});
