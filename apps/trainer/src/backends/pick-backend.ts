import type { Backend } from '@impflow/core';
import { startBackend } from './backends.ts';
import { type Seeking, chooseBackend } from './choose-backend.ts';
import { pluginSource } from '../plugins/registries.ts';
import type { TrainOptions } from '../settings/settings.ts';
import { sharesItself } from './workers.ts';
import { note } from '../terminal/output.ts';

/**
 * Chooses the backend of `--backend auto` and starts it.
 *
 * @throws `AbortError` if the caller interrupts.
 */
export const pickedBackend = async (
  seeking: Omit<Seeking, 'plugin'>,
  given: TrainOptions,
  signal: AbortSignal,
): Promise<Backend> => {
  const plugin = (given.plugin ?? []).map(pluginSource);
  return startBackend(await chooseBackend({ ...seeking, plugin }, given, signal), seeking.backends);
};

/** The planned number of workers, or 1 on a backend that shares the work itself. */
export const workersOn = ({ name, capabilities }: Backend, planned: number, given: TrainOptions): number => {
  if (planned === 1 || !sharesItself(capabilities)) return planned;
  const { threads, device } = capabilities;
  if (typeof given.workers === 'number')
    note(
      given,
      `One worker instead of ${given.workers}: ${name} shares each step itself, ${device === 'gpu' ? 'on the graphics card' : `among ${threads} threads`}.`,
    );
  return 1;
};
