/** Letters from rank 0 to another rank. `worker` is the number by which rank 0 identifies a worker of the job. */
export type LetterToRank =
  /** Start a worker, as a separate process or as a thread. */
  | { readonly kind: 'open'; readonly worker: number; readonly ownProcess: boolean }
  /** Give the message to the worker. */
  | { readonly kind: 'post'; readonly worker: number; readonly message: unknown }
  /** End the worker. */
  | { readonly kind: 'close'; readonly worker: number }
  /** Leave the job. If ranks are lost, `isComplete` is false, and the rank leaves without waiting for the others. */
  | { readonly kind: 'end'; readonly isComplete: boolean };

/** Letters from another rank to rank 0. */
export type LetterToRoot =
  /** The first letter of a rank. */
  | { readonly kind: 'here'; readonly host: string; readonly pid: number }
  /** Sent every second while a worker of the rank computes. */
  | { readonly kind: 'alive' }
  /** A message of the worker. */
  | { readonly kind: 'answer'; readonly worker: number; readonly message: unknown }
  /** The worker has died. */
  | { readonly kind: 'death'; readonly worker: number; readonly reason: string };
