/**
 * The connection to a worker, as the owner uses it. The worker is a thread or a process of Node, a module worker of a
 * browser, or a worker on another machine.
 */
export interface WorkerPort {
  /**
   * Where the worker runs, for error messages, such as `rank 1 on node7`. Absent if the worker runs on this machine.
   */
  readonly place?: string;
  /**
   * Sends a message to the worker. Buffers are sent with the values that they have at the call. A returned promise
   * resolves when the message has been written.
   */
  post(message: unknown): void | Promise<void>;
  /** Calls `listener` with each message of the worker. */
  onMessage(listener: (message: unknown) => void): void;
  /**
   * Calls `listener` with the reason when the worker dies. `listener` may be called several times. A browser does not
   * report a worker that closed itself.
   */
  onDeath(listener: (reason: string) => void): void;
  /** Ends the worker. */
  terminate(): Promise<void>;
}

/** The connection to the owner, as a worker uses it. */
export interface OwnerPort {
  /**
   * Sends a message to the owner. Buffers in `transfer` are moved instead of copied if the platform can move buffers.
   */
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  /** Calls `listener` with each message of the owner. */
  onMessage(listener: (message: unknown) => void): void;
}

/**
 * The module that a worker runs: its URL, or a function that starts a Worker in a browser. Bundlers detect the module
 * only in the literal `() => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })`.
 */
export type WorkerModule = URL | (() => Worker);
