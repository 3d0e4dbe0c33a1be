import type { TaskProgram, TrainInFolder } from '@impflow/jobs';
import { startForSpec } from '../backends/start-for-run.ts';
import { registriesWith } from '../plugins/registries.ts';
import type { ProgramSettings } from './program-module.ts';
import { train } from './train/train.ts';

/**
 * Makes the program that each process of a task pool runs. The program provides the methods of plugins, all backends,
 * and training in run folders.
 */
export const taskProgram = async ({ plugin, backend: usual }: ProgramSettings): Promise<TaskProgram> => {
  const registries = await registriesWith(plugin);
  return {
    registries,
    startBackend: async (backend = usual, spec) => {
      await startForSpec(() => spec, { quiet: true, ...(backend === undefined ? {} : { backend }) }, registries);
    },
    train: trainIn({ plugin, ...(usual === undefined ? {} : { backend: usual }) }),
  };
};

/** Runs `train` with one thread in a run folder. The data determine the kind of model. */
const trainIn =
  (settings: ProgramSettings): TrainInFolder =>
  async ({ folder, steps, place, options, backend, evaluate = false }, { resume, signal, onProgress }) => {
    const given = {
      ...settings,
      steps,
      ...options,
      ...place,
      workers: 1,
      out: folder,
      quiet: true,
      ...(backend === undefined ? {} : { backend }),
      ...(evaluate ? {} : { until: steps }),
      ...(resume ? { resume } : {}),
    };
    await train(given, signal, (event) => {
      if (event.kind === 'step') onProgress(event.step);
    });
  };
