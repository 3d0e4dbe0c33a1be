import { hostname } from 'node:os';
import type { WorkerPort } from '@impflow/training';
import type { LetterToRank, LetterToRoot } from './letters.ts';
import { mailbox } from './mailbox.ts';
import type { Mpi } from './mpi.ts';

/**
 * Runs workers for rank 0 until it ends the job. The calling thread only forwards messages, so it is ready for them at
 * any time.
 */
export const serveRoot = async (mpi: Mpi, open: (ownProcess: boolean) => WorkerPort): Promise<void> => {
  const ports = new Map<number, WorkerPort>();
  let left = false;
  let leave = (): void => {};
  const ended = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const box = mailbox<LetterToRoot, LetterToRank>(mpi, {
    awaits: () => !left,
    onLetter: (_from, letter) => {
      switch (letter.kind) {
        case 'open': {
          const { worker } = letter;
          const port = open(letter.ownProcess);
          ports.set(worker, port);
          port.onMessage((message) => void box.send(0, { kind: 'answer', worker, message }));
          port.onDeath((reason) => {
            if (ports.has(worker)) void box.send(0, { kind: 'death', worker, reason });
          });
          break;
        }
        case 'post':
          void ports.get(letter.worker)?.post(letter.message);
          break;
        case 'close':
          void ports.get(letter.worker)?.terminate();
          ports.delete(letter.worker);
          break;
        case 'end':
          left = true;
          leave();
      }
    },
  });
  await box.send(0, { kind: 'here', host: hostname(), pid: process.pid });
  await ended;
  await Promise.all([...ports.values()].map((port) => port.terminate()));
  box.stop();
  mpi.finish();
};
