import { mkdir, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { lockFolder, makeAll, unwritable } from '@impflow/jobs';
import { assertFree, findNewFolder, findRunFolder, type Destination, type RunPaths } from './folder.ts';

/** A run folder that this process has locked. No other process writes to it. */
export interface Claim {
  readonly paths: RunPaths;
  readonly unlock: () => void;
}

/**
 * Locks the folder of a run to resume.
 *
 * @throws `input` if there is no run in the folder, or another process writes to it.
 */
export const claimExisting = async (run: string): Promise<Claim> => {
  const paths = await findRunFolder(run);
  return { paths, unlock: await lockFolder(paths.folder) };
};

/**
 * Creates and locks the folder of a new run, and deletes the results of an earlier run in it.
 *
 * @throws as {@link findNewFolder}.
 */
export const claimNew = async (destination: Destination): Promise<Claim> => {
  const { out, force = false } = destination;
  for (;;) {
    const paths = await findNewFolder(destination);
    const { folder, checkpoint: _checkpoint, config: _config, metrics: _metrics, ...results } = paths;
    try {
      await makeAll(out === undefined ? dirname(resolve(folder)) : resolve(folder));
      if (out === undefined) await mkdir(folder);
    } catch (cause) {
      // Another process has just created a run with this name, so the next name is tried.
      if (out === undefined && (cause as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw unwritable(folder, cause);
    }
    const unlock = await lockFolder(folder);
    try {
      // Another process may have written a run into the folder after `findNewFolder` checked the folder.
      await assertFree(folder, force);
      for (const file of Object.values(results))
        await rm(file, { force: true }).catch((cause: unknown) => {
          throw unwritable(folder, cause);
        });
      return { paths, unlock };
    } catch (error) {
      unlock();
      throw error;
    }
  }
};
