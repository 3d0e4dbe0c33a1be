import { plain } from '../backends/sent-error.ts';
import { partTaskHandler } from './part-task.ts';
import type { PoolSettings, ToOwner, ToProcess } from './process-messages.ts';

// The main module of a process of `taskPool`; do not import it. It runs one task after the other, and keeps the run of
// the last one.
const send = (message: ToOwner): void => void process.send!(message);

// The owner has ended.
process.once('disconnect', () => process.exit());
process.once('message', (settings: PoolSettings) => {
  const handle = partTaskHandler(settings);
  process.on('message', (task: ToProcess) => {
    handle(task, { onProgress: (progress) => send({ progress }), signal: new AbortController().signal }).then(
      (answer) => send({ answer }),
      (error: unknown) => send({ error: plain(error) }),
    );
  });
});
