import type { Backend } from '@impflow/core';
import { startBackend } from '../../adapters/backends.ts';
import { startFastest } from '../../backends/choose-backend.ts';
import { localWorkers, workersOn } from '../../backends/workers.ts';
import type { Resumed, Starting } from '../../kinds/training.ts';
import type { AllRegistries } from '../../plugins/registries.ts';
import type { TrainOptions } from '../../settings/settings.ts';
import { note } from '../../terminal/output.ts';

/** The backend of a training. */
interface TrainingBackend {
  /** Returns the registered name of the backend, once the backend runs. */
  name(): string;
  /** Measures the backends and starts the fastest. Absent if the options name a backend. */
  readonly choose?: (starting: Starting) => Promise<void>;
  /** Returns the number of workers on this backend, which may be less than the planned number. */
  workers(planned: number, given: TrainOptions): number;
}

interface BackendContext {
  readonly registries: AllRegistries;
  readonly plugin: readonly string[];
  readonly signal: AbortSignal;
}

/** Starts the backend that the options name. With `auto`, the backend is chosen after the model is planned. */
export const backendFor = async (
  given: TrainOptions,
  resumed: Resumed | undefined,
  { registries, plugin, signal }: BackendContext,
): Promise<TrainingBackend> => {
  const asked = given.backend ?? resumed?.backend;
  let backend: Backend | undefined;
  const started = (one: Backend): void => {
    backend = one;
    if (resumed?.backend !== undefined && one.name !== resumed.backend)
      note(
        given,
        `The run used the backend ${resumed.backend}. On the backend ${one.name} the last digits of the results differ.`,
      );
  };
  if (asked !== 'auto') started(await startBackend(asked, registries.backend));
  return {
    name: () => backend!.name,
    workers: (planned, options) => {
      const count = workersOn(backend!, planned, options);
      if (resumed?.options.workers !== undefined && count !== resumed.options.workers)
        note(
          given,
          `The run had ${resumed.options.workers} workers. With ${count} the last digits of the results differ.`,
        );
      return count;
    },
    ...(asked === 'auto'
      ? {
          choose: async ({ spec, settings, rows }: Starting) => {
            const workers = localWorkers(given.workers ?? resumed?.options.workers ?? 'auto');
            const race = { spec, settings, workers, plugin, rows, backends: registries.backend };
            started(await startFastest(race, given, signal));
          },
        }
      : {}),
  };
};
