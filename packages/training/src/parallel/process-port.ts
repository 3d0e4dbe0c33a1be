import type { OwnerPort, WorkerPort } from './port.ts';

/** A process that runs a module: for backends of which a process holds one, whatever its threads. */
export const openProcess = (module: URL): WorkerPort => {
  const { fork } = process.getBuiltinModule('node:child_process');
  const { fileURLToPath } = process.getBuiltinModule('node:url');
  const child = fork(fileURLToPath(module), [], { serialization: 'advanced', env: { ...process.env, [MARK]: '1' } });
  const ended = new Promise<void>((resolve) => { child.once('exit', () => resolve()); });
  return Object.freeze<WorkerPort>({
    // Written once this is over: the caller is about to compute, and nothing is written meanwhile.
    post: (message) => new Promise((resolve) => { child.send(message as object, () => resolve()); }),
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

/** The owner of a process that {@link openProcess} started; undefined in any other. */
export const processOwner = (): OwnerPort | undefined => {
  const { isMainThread } = process.getBuiltinModule('node:worker_threads');
  if (!isMainThread || process.send === undefined || process.env[MARK] === undefined) return undefined;
  // An owner that is gone needs no worker.
  process.on('disconnect', () => process.exit());
  return Object.freeze<OwnerPort>({
    post: (message) => void process.send!(message as object),
    onMessage: (listener) => void process.on('message', listener),
  });
};

/** Tells a worker from a process that somebody else has started. */
const MARK = 'IMPFLOW_WORKER';
