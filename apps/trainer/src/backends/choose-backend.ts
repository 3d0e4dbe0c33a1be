import { problemOf, type Backend } from '@impflow/core';
import { fastest } from '@impflow/doctor';
import type { ModelSpec } from 'impflow/run';
import { number } from 'impflow/run';
import { startBackend } from '../adapters/backends.ts';
import { pluginSource, type AllRegistries } from '../plugins/registries.ts';
import type { TrainOptions } from '../settings/settings.ts';
import { note, type OutputOptions } from '../terminal/output.ts';
import { askChild } from './child-process.ts';
import { storeFastest } from './fastest-known.ts';
import type { StepsAnswer, StepSettings, StepsQuestion } from './time-steps.ts';

// The URL of the compiled module. The module does not exist if this file runs from source.
const MODULE = new URL('./time-steps-process.js', import.meta.url);

/** Properties of a run that determine the speed of its training steps. */
interface BackendRace {
  readonly spec: ModelSpec;
  readonly settings: StepSettings;
  /** Value of `--workers`, as the user gave it. */
  readonly workers: number | 'auto';
  /** Plugins that the worker processes must load. */
  readonly plugin: readonly string[];
  /** The backends to measure. */
  readonly backends: AllRegistries['backend'];
  /** The first batch `[batch, ...shape]`. */
  readonly rows: Float32Array;
}

/**
 * Returns the name of the backend that makes the training steps in the shortest time. Each backend is measured in a
 * separate process. The result is stored for this model on this machine.
 *
 * @remarks Takes about three seconds per backend that runs here, and less for a backend whose first, short measurement
 * shows that another backend is faster.
 * @throws `unsupported` if no backend runs; `AbortError` when interrupted.
 */
const chooseBackend = async (
  { spec, settings, workers, plugin, backends, rows }: BackendRace,
  options: OutputOptions,
  signal: AbortSignal,
): Promise<string> => {
  note(options, 'Backend auto: measuring a few steps on each backend that runs here.');
  const { batch } = settings;
  const shared = new Map<string, number>();
  const race = await fastest(
    backends.names.map((name) => backends.create({ name })),
    async (adapter, best) => {
      const { name } = adapter;
      if (signal.aborted) return 'interrupted';
      // Starting an unavailable backend throws an error with the reason why it is unavailable.
      if (!(await adapter.isAvailable())) return adapter.start().then(() => 'it is not available', problemOf);
      const asked: StepsQuestion = { backend: name, spec, workers, plugin, rows, best, settings };
      const answer = await askChild<StepsAnswer>(MODULE, asked, { signal }).catch((error: unknown) => ({
        reason: problemOf(error),
      }));
      if ('reason' in answer) return answer.reason;
      shared.set(name, answer.workers);
      return answer.ms;
    },
  ).finally(() => {
    if (signal.aborted) throw interrupted();
  });
  const width = Math.max(...backends.names.map((name) => name.length));
  note(
    options,
    [
      ...race.measured
        .toSorted((a, b) => a.ms - b.ms)
        .map(({ name, ms }) => {
          const count = shared.get(name)!;
          return `  ${name.padEnd(width)}  ${number(ms, 3)} ms for a step of ${number(batch)} rows${count > 1 ? `, ${count} workers` : ''}${name === race.name ? ': chosen' : ''}`;
        }),
      ...race.leftOut.map(({ name, reason }) => `  ${name.padEnd(width)}  left out: ${reason}`),
    ].join('\n'),
  );
  await storeFastest(spec, { backend: race.name, ms: race.measured.find(({ name }) => name === race.name)!.ms, batch });
  return race.name;
};

const interrupted = (): Error =>
  Object.assign(new Error('[cli] Interrupted while measuring backends. No file was written.'), { name: 'AbortError' });

/**
 * Starts the fastest backend, for `--backend auto`: see {@link chooseBackend}.
 *
 * @throws `AbortError` if the user interrupts.
 */
export const startFastest = async (
  race: Omit<BackendRace, 'plugin'>,
  given: TrainOptions,
  signal: AbortSignal,
): Promise<Backend> => {
  const plugin = (given.plugin ?? []).map(pluginSource);
  return startBackend(await chooseBackend({ ...race, plugin }, given, signal), race.backends);
};
