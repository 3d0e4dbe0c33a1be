import { mkdir, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { assertFree, findPlace, findRunFolder, makeAll, unwritable, type Destination, type RunPaths } from './folder.ts';
import { lockFolder } from './lock.ts';

/** A run folder that this process alone writes to. */
export interface Claim {
  readonly paths: RunPaths;
  readonly unlock: () => void;
}

/** Locks the folder of a run that goes on. @throws `input` where there is no run, or another process writes to it. */
export const claimRun = async (run: string): Promise<Claim> => {
  const paths = await findRunFolder(run);
  return { paths, unlock: await lockFolder(paths.folder) };
};

/** Makes and locks the folder of a new run, and removes the results of a run that was there: they would not belong to the new one. @throws as {@link findPlace}. */
export const claimPlace = async (destination: Destination): Promise<Claim> => {
  const { out, force = false } = destination;
  for (;;) {
    const paths = await findPlace(destination);
    const { folder, checkpoint: _checkpoint, config: _config, metrics: _metrics, ...results } = paths;
    try {
      await makeAll(out === undefined ? dirname(resolve(folder)) : resolve(folder));
      if (out === undefined) await mkdir(folder);
    } catch (cause) {
      // Another run took the name a moment ago: the next one.
      if (out === undefined && (cause as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw unwritable(folder, cause);
    }
    const unlock = await lockFolder(folder);
    try {
      // Another process may have made its run since the first look.
      await assertFree(folder, force);
      for (const file of Object.values(results)) await rm(file, { force: true }).catch((cause: unknown) => { throw unwritable(folder, cause); });
      return { paths, unlock };
    } catch (error) {
      unlock();
      throw error;
    }
  }
};
