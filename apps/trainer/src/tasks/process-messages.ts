import type { Sent } from '../backends/sent-error.ts';
import type { PartTask, ScoredPart, WrittenPart } from './task.ts';

/** First message to a process of a pool: what its tasks do not say. */
export interface PoolSettings {
  /** Plugins to load. */
  readonly plugin: readonly string[];
  /** Backend of tasks that name none. */
  readonly backend?: string;
}

/** Every further message: a task. The next one comes after its answer. */
export type ToProcess = PartTask;

/** Messages of a process. */
export type ToOwner =
  | { readonly progress: number }
  | { readonly answer: ScoredPart | WrittenPart }
  | { readonly error: Sent };
