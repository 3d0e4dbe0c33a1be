import { hostname } from 'node:os';
import type { WorkerPort } from '@impflow/training';
import type { LetterToRank, LetterToRoot } from './letters.ts';
import { mailbox } from './mailbox.ts';
import type { Mpi } from './mpi.ts';

/**
 * Runs workers for rank 0 until rank 0 ends the job. The calling thread only forwards messages between rank 0 and the
 * workers, so it can receive a message at any time.
 */
export const serveRoot = async (mpi: Mpi, open: (ownProcess: boolean) => WorkerPort): Promise<void> => {
  const ports = new Map<number, WorkerPort>();
  const asked = new Set<number>();
  let left = false;
  let leave = (_isComplete: boolean): void => {};
  const ended = new Promise<boolean>((resolve) => {
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
          port.onMessage((message) => {
            asked.delete(worker);
            void box.send(0, { kind: 'answer', worker, message });
          });
          port.onDeath((reason) => {
            if (ports.has(worker)) void box.send(0, { kind: 'death', worker, reason });
          });
          break;
        }
        case 'post':
          asked.add(letter.worker);
          void ports.get(letter.worker)?.post(letter.message);
          break;
        case 'close':
          void ports.get(letter.worker)?.terminate();
          ports.delete(letter.worker);
          asked.delete(letter.worker);
          break;
        case 'end':
          left = true;
          leave(letter.isComplete);
      }
    },
  });
  await box.send(0, { kind: 'here', host: hostname(), pid: process.pid });
  const signs = setInterval(() => {
    if (asked.size > 0) void box.send(0, { kind: 'alive' });
  }, 1000);
  const isComplete = await ended;
  clearInterval(signs);
  await Promise.all([...ports.values()].map((port) => port.terminate()));
  box.stop();
  if (isComplete) mpi.finish();
};
