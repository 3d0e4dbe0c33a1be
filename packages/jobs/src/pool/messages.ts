import type { ProgramModule } from '../program/program.ts';
import type { ResultOf, Task } from '../tasks/task.ts';
import type { SentError } from './sent-error.ts';

/**
 * Messages to a process of a pool. The first message contains the program. A task is sent only after the reply to the
 * previous task.
 */
export type ToProcess =
  | { readonly program: ProgramModule | undefined }
  | { readonly task: Task }
  /** Ends the running task. A running training is saved first. */
  | { readonly stop: true };

/** Messages from a process of a pool. */
export type ToOwner =
  | { readonly progress: number }
  | { readonly answer: ResultOf<Task> }
  | { readonly error: SentError };

/** Time in milliseconds in which a process must save its training before it ends. */
export const GRACE_MS = 10_000;
