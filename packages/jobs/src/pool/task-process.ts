import { importedProgram } from '../program/program.ts';
import { GRACE_MS, type ToOwner, type ToProcess } from './messages.ts';
import { sentError } from './sent-error.ts';
import { taskHandler } from './task-handler.ts';

// Main module of the processes that `taskPool` starts; do not import this module. A process runs one task after the
// other.
const send = (message: ToOwner): void => {
  if (process.connected) process.send!(message);
};

let handler: Promise<ReturnType<typeof taskHandler>>;
/** Controller that aborts the running task. Undefined if no task runs. */
let stop: AbortController | undefined;

process.on('message', (message: ToProcess) => {
  if ('program' in message) {
    handler = importedProgram(message.program).then(taskHandler);
    // If the program cannot be loaded, each task reports the error.
    handler.catch(() => {});
  } else if ('stop' in message) stop?.abort();
  else {
    stop = new AbortController();
    const how = { onProgress: (progress: number) => send({ progress }), signal: stop.signal };
    void handler
      .then((handle) => handle(message.task, how))
      .then(
        (answer) => send({ answer }),
        (error: unknown) => send({ error: sentError(error) }),
      )
      .finally(() => {
        stop = undefined;
        if (!process.connected) process.exit();
      });
  }
});
// The parent process has ended, so this process ends too. A training is saved first.
process.once('disconnect', () => {
  if (stop === undefined) process.exit();
  stop.abort();
  setTimeout(() => process.exit(), GRACE_MS);
});
