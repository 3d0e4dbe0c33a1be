import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { FlowError } from '@impflow/core';
import { startForRun } from '../backends/start-for-run.ts';
import { loadRun, type LoadedRun } from '../checkpoint/load-run.ts';
import { localRun } from '../checkpoint/local-run.ts';
import { registriesWith } from '../plugins/registries.ts';
import { findRun } from '../run-folder/folder.ts';
import type { PoolSettings } from './process-messages.ts';
import type { PartTask } from './task.ts';

/** SHA-256 of the checkpoint of a run, in hexadecimal digits. */
export const checkpointHash = async (run: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile((await findRun(run)).checkpoint))
    .digest('hex');

/**
 * The run of a task, with its plugins and its backend. The last one is kept: tasks of one job have the same.
 *
 * @throws `checkpoint` for another checkpoint than that of the task; the errors of {@link loadRun}.
 */
export const loadedRuns = ({ plugin, backend }: PoolSettings): ((task: PartTask) => Promise<LoadedRun>) => {
  let last: { readonly key: string; readonly run: LoadedRun } | undefined;
  return async (task) => {
    const logdet = task.kind === 'score' ? task.logdet : undefined;
    const key = JSON.stringify([task.run, task.checkpoint, task.kind, task.backend, logdet]);
    if (last?.key === key) return last.run;
    const registries = await registriesWith(plugin);
    const { path, remove } = await localRun(task.run);
    try {
      const found = await checkpointHash(path);
      if (found !== task.checkpoint)
        throw new FlowError('checkpoint', 'cli', `The checkpoint of ${task.run} has changed`, {
          expected: `the one with the SHA-256 ${task.checkpoint.slice(0, 12)}…`,
          got: `${found.slice(0, 12)}…`,
          hint: 'Start the job again, into another --out.',
        });
      const computing = task.backend ?? backend;
      await startForRun(path, { quiet: true, ...(computing === undefined ? {} : { backend: computing }) }, registries);
      const run = await loadRun(path, registries, {
        forLogDensities: task.kind === 'score',
        ...(logdet === undefined ? {} : { logdet }),
      });
      last = { key, run };
      return run;
    } finally {
      await remove();
    }
  };
};
