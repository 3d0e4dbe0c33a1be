import type { ProgramModule } from '@impflow/jobs';
import type { ComputingOptions } from '../adapters/backends.ts';
import { pluginSource } from '../plugins/registries.ts';

/** Settings that the function `taskProgram` receives. */
export interface ProgramSettings {
  /**
   * Plugins to load. The plugins are named on the command line of the process and never in a task, because loading a
   * plugin runs its code.
   */
  readonly plugin: readonly string[];
  /** Backend of tasks that name no backend. */
  readonly backend?: string;
}

/** Returns the module that the processes of a pool load, with its settings. */
export const programModule = ({ plugin = [], backend }: ComputingOptions): ProgramModule => ({
  module: MODULE.href,
  settings: {
    plugin: plugin.map(pluginSource),
    ...(backend === undefined ? {} : { backend }),
  } satisfies ProgramSettings,
});

/** URL of the compiled module, even when this file runs from source. */
const MODULE = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/commands/task-program.js' : './task-program.js',
  import.meta.url,
);
