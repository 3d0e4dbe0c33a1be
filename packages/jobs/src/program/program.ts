import type { TaskOptions } from '@impflow/core';
import type { Registries } from '@impflow/flows';
import type { ModelSpec } from 'impflow/run';
import type { TrainTask } from '../tasks/task.ts';

/** Options of a function that runs a training task. */
export interface TrainHow extends Required<TaskOptions> {
  /** Whether the folder contains a checkpoint from which the training continues. */
  readonly resume: boolean;
}

/**
 * Trains a model in the folder of a task, up to the number of steps in the task or to the end of the training. The
 * training continues from the checkpoint of the folder, if any, and saves `checkpoint.safetensors` from time to time.
 * When the signal is aborted, the function saves the checkpoint soon and returns.
 */
export type TrainInFolder = (task: TrainTask, how: TrainHow) => Promise<void>;

/** Methods and functions that a module adds to the processes of a pool. */
export interface TaskProgram {
  /** Methods that models may name. Default: the built-in methods. */
  readonly registries?: Registries;
  /** Starts the backend for a task and its model. Default: starts WebAssembly, and refuses other backends. */
  readonly startBackend?: (name: string | undefined, spec: ModelSpec) => Promise<void>;
  /** Trains a model. Default: `fit` on a table with the built-in methods. */
  readonly train?: TrainInFolder;
}

/**
 * The module of a program for the processes of a pool. The module exports the function `taskProgram`, a {@link
 * MakeTaskProgram}.
 */
export interface ProgramModule {
  /** URL of the module, such as `new URL('./program.js', import.meta.url).href`. */
  readonly module: string;
  /** Argument of `taskProgram`, which is copied into each process. Default: undefined. */
  readonly settings?: unknown;
}

/** Makes the program that a process runs. */
export type MakeTaskProgram<Settings = unknown> = (settings: Settings) => TaskProgram | Promise<TaskProgram>;

/** Imports a module and returns its program. Without a module, returns the program of this package. */
export const importedProgram = async (given: ProgramModule | undefined): Promise<TaskProgram> => {
  if (given === undefined) return {};
  const { taskProgram } = (await import(given.module)) as { readonly taskProgram: MakeTaskProgram };
  return taskProgram(given.settings);
};
