import { join } from 'node:path';
import { writeAtomically } from '@impflow/core';
import { CHECKPOINT, fitTable, readModel, registriesOf, type PlainChoices } from 'impflow/run';
import { lockFolder } from '../folder/lock.ts';
import { makeAll } from '../folder/make-folder.ts';
import type { TaskProgram, TrainInFolder } from '../program/program.ts';
import { startOwn } from '../program/start-own.ts';

/** Trains a model on a table in one thread. Writes only the checkpoint into the folder. */
export const fitInFolder =
  ({ registries = registriesOf() }: TaskProgram): TrainInFolder =>
  async ({ folder, steps, place, options, backend, evaluate = false }, { resume, signal, onProgress }) => {
    await startOwn(backend);
    const path = join(folder, CHECKPOINT);
    await makeAll(folder);
    const unlock = await lockFolder(folder);
    try {
      const { data, ...parts } = place;
      const end = await fitTable(data, {
        steps,
        ...(options as PlainChoices),
        ...parts,
        workers: 1,
        registries,
        signal,
        place,
        onEvent: (event) => {
          if (event.kind === 'step') onProgress(event.step);
        },
        save: (bytes) => writeAtomically(path, bytes),
        ...(evaluate ? {} : { until: steps }),
        ...(resume ? { resume: (await readModel(path)).checkpoint } : {}),
      });
      if (end.stopped !== 'aborted') end.model.dispose();
    } finally {
      unlock();
    }
  };
