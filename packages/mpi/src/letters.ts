/**
 * Requests that rank 0 sends to another rank. `worker` is the number by which rank 0 identifies a worker of the job.
 */
export type LetterToRank =
  /** Request to start a worker: as a separate process if `ownProcess` is true, otherwise as a thread. */
  | { readonly kind: 'open'; readonly worker: number; readonly ownProcess: boolean }
  /** Request to pass `message` to the worker. */
  | { readonly kind: 'post'; readonly worker: number; readonly message: unknown }
  /** Request to end the worker. */
  | { readonly kind: 'close'; readonly worker: number }
  /**
   * Request to leave the job. `isComplete` is false if ranks are lost: then the rank leaves without waiting for the
   * other ranks.
   */
  | { readonly kind: 'end'; readonly isComplete: boolean };

/** Messages that a rank sends to rank 0. */
export type LetterToRoot =
  /** First message of a rank, which contains its host and its process number. */
  | { readonly kind: 'here'; readonly host: string; readonly pid: number }
  /** Message that a rank sends every second while one of its workers computes, to show that the rank is not lost. */
  | { readonly kind: 'alive' }
  /** Message that a worker has sent. */
  | { readonly kind: 'answer'; readonly worker: number; readonly message: unknown }
  /** Report that a worker has died, with the reason. */
  | { readonly kind: 'death'; readonly worker: number; readonly reason: string };
