/**
 * The owner's end of the connection to a worker. The worker is a thread or process of Node, a module Worker of a
 * browser, or a worker on another machine.
 */
export interface WorkerPort {
  /** Where the worker is, for messages, such as `rank 1 on node7`. Default: on this machine. */
  readonly place?: string;
  /**
   * Sends a message, with the values that its buffers have at the call. If a promise is returned, it resolves when the
   * message has been written.
   */
  post(message: unknown): void | Promise<void>;
  /** Calls `listener` with each message of the worker. */
  onMessage(listener: (message: unknown) => void): void;
  /**
   * Calls `listener` with the reason when the worker dies. May call it several times. A browser does not report a
   * worker that closed itself.
   */
  onDeath(listener: (reason: string) => void): void;
  /** Ends the worker. */
  terminate(): Promise<void>;
}

/** The worker's end of the connection. */
export interface OwnerPort {
  /** Sends a message. Buffers in `transfer` are moved instead of copied if the platform can move them. */
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  /** Calls `listener` with each message of the owner. */
  onMessage(listener: (message: unknown) => void): void;
}

/**
 * Module of a worker: its URL, or a function that starts a browser's Worker. Bundlers find the module only in the
 * literal `() => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })`.
 */
export type WorkerModule = URL | (() => Worker);
