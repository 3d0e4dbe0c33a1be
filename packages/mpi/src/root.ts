import type { WorkerPort } from '@impflow/training';
import type { LetterToRank, LetterToRoot } from './letters.ts';
import { mailbox } from './mailbox.ts';
import type { Mpi } from './mpi.ts';

/** Rank 0, which asks the workers of the others. */
export interface Root {
  /** Starts a worker on another rank, as a process of its own or as a thread of the rank. */
  open(rank: number, ownProcess: boolean): WorkerPort;
  /** Tells the other ranks to leave, and waits for it. */
  end(): Promise<void>;
}

interface Opened {
  readonly rank: number;
  /** Whether a question is open. */
  asked: boolean;
  readonly onMessage: ((message: unknown) => void)[];
  readonly onDeath: ((reason: string) => void)[];
}

/** Waits until all other ranks are there. */
export const startRoot = async (mpi: Mpi): Promise<Root> => {
  const places = new Map<number, string>();
  const workers = new Map<number, Opened>();
  let next = 0;
  let allHere = (): void => {};
  const here = new Promise<void>((resolve) => {
    allHere = resolve;
  });
  const isHere = (): boolean => places.size === mpi.ranks - 1;
  const box = mailbox<LetterToRank, LetterToRoot>(mpi, {
    awaits: () => !isHere() || [...workers.values()].some(({ asked }) => asked),
    onLetter: (from, letter) => {
      if (letter.kind === 'here') {
        places.set(from, `rank ${from} on ${letter.host}, process ${letter.pid}`);
        if (isHere()) allHere();
        return;
      }
      // A worker that has been closed may still have written.
      const worker = workers.get(letter.worker);
      if (worker === undefined) return;
      worker.asked = false;
      if (letter.kind === 'answer') for (const listener of worker.onMessage) listener(letter.message);
      else for (const listener of worker.onDeath) listener(letter.reason);
    },
  });
  if (isHere()) allHere();
  else box.wake();
  await here;
  return Object.freeze<Root>({
    open: (rank, ownProcess) => {
      const worker = next++;
      const opened: Opened = { rank, asked: false, onMessage: [], onDeath: [] };
      workers.set(worker, opened);
      void box.send(rank, { kind: 'open', worker, ownProcess });
      return Object.freeze<WorkerPort>({
        place: places.get(rank)!,
        post: (message) => {
          opened.asked = true;
          return box.send(rank, { kind: 'post', worker, message });
        },
        onMessage: (listener) => void opened.onMessage.push(listener),
        onDeath: (listener) => void opened.onDeath.push(listener),
        terminate: async () => {
          if (workers.delete(worker)) await box.send(rank, { kind: 'close', worker });
        },
      });
    },
    end: async () => {
      await Promise.all([...places.keys()].map((rank) => box.send(rank, { kind: 'end' })));
      box.stop();
      mpi.finish();
    },
  });
};
