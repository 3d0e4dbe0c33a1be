import type { TaskOptions } from '@impflow/core';
import type { Registries } from '@impflow/flows';
import type { ModelSpec } from 'impflow/run';
import type { TrainTask } from '../tasks/task.ts';

/** How a training task runs. */
export interface TrainHow extends Required<TaskOptions> {
  /** Whether the folder has a checkpoint to continue from. */
  readonly resume: boolean;
}

/**
 * Trains in the folder of a task, up to the steps of the task or to the end of the training. It continues from the
 * checkpoint of the folder, if any. It saves `checkpoint.safetensors` during the training. When the signal is aborted,
 * it saves soon and returns.
 */
export type TrainInFolder = (task: TrainTask, how: TrainHow) => Promise<void>;

/** What a program adds to the processes of a pool. */
export interface TaskProgram {
  /** Methods that models may name. Default: the built-in methods. */
  readonly registries?: Registries;
  /** Starts the backend for a task and its model. Default: starts WebAssembly, and refuses other backends. */
  readonly startBackend?: (name: string | undefined, spec: ModelSpec) => Promise<void>;
  /** Trains. Default: `fit` on a table with the built-in methods. */
  readonly train?: TrainInFolder;
}

/** A module of a program for the processes of a pool. It exports `taskProgram`, a {@link MakeTaskProgram}. */
export interface ProgramModule {
  /** Address of the module, such as `new URL('./program.js', import.meta.url).href`. */
  readonly module: string;
  /** What `taskProgram` receives. It is copied. Default: nothing. */
  readonly settings?: unknown;
}

/** Makes the program of a process. */
export type MakeTaskProgram<Settings = unknown> = (settings: Settings) => TaskProgram | Promise<TaskProgram>;

/** Returns the program of a module; without a module, the program of this package. */
export const importedProgram = async (given: ProgramModule | undefined): Promise<TaskProgram> => {
  if (given === undefined) return {};
  const { taskProgram } = (await import(given.module)) as { readonly taskProgram: MakeTaskProgram };
  return taskProgram(given.settings);
};
