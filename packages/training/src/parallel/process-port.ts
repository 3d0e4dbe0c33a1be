import type { OwnerPort, WorkerPort } from './port.ts';

/** Starts a process that runs a module, for backends that allow only one instance per process. */
export const openProcess = (module: URL): WorkerPort => {
  const { fork } = process.getBuiltinModule('node:child_process');
  const { fileURLToPath } = process.getBuiltinModule('node:url');
  const child = fork(fileURLToPath(module), [], { serialization: 'advanced', env: { ...process.env, [MARK]: '1' } });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  return Object.freeze<WorkerPort>({
    // The promise resolves when the message is written. If the promise resolved earlier, the caller would start its own
    // computation, and Node would write the message only afterwards.
    post: (message) =>
      new Promise((resolve) => {
        child.send(message as object, () => resolve());
      }),
    onMessage: (listener) => void child.on('message', listener),
    onDeath: (listener) => {
      child.on('error', (error) => listener(error.message));
      child.on('exit', (code, signal) => listener(signal === null ? `exit code ${code}` : `signal ${signal}`));
    },
    terminate: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  });
};

/**
 * Returns the connection to the owner, in a process that {@link openProcess} started. Returns undefined in any other
 * process.
 */
export const processOwner = (): OwnerPort | undefined => {
  const { isMainThread } = process.getBuiltinModule('node:worker_threads');
  if (!isMainThread || process.send === undefined || process.env[MARK] === undefined) return undefined;
  // The owner has ended, so this process ends.
  process.on('disconnect', () => process.exit());
  return Object.freeze<OwnerPort>({
    post: (message) => void process.send!(message as object),
    onMessage: (listener) => void process.on('message', listener),
  });
};

/** Environment variable that marks a process as a worker. */
const MARK = 'IMPFLOW_WORKER';
