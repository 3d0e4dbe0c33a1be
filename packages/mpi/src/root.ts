import type { WorkerPort } from '@impflow/training';
import type { LetterToRank, LetterToRoot } from './letters.ts';
import { mailbox } from './mailbox.ts';
import type { Mpi } from './mpi.ts';

/** Functions of rank 0, which sends requests to the workers of the other ranks. */
export interface Root {
  /** Starts a worker on another rank, as a separate process or as a thread of the rank. */
  open(rank: number, ownProcess: boolean): WorkerPort;
  /** Asks all other ranks to leave the job. If all ranks still respond, rank 0 also leaves MPI. */
  end(): Promise<void>;
}

/** If a rank with an unanswered request sends nothing for this many seconds, it counts as lost. */
const SILENT_SECONDS = 15;

interface Opened {
  readonly rank: number;
  /** Whether a request to the worker has no response yet. */
  asked: boolean;
  readonly onMessage: ((message: unknown) => void)[];
  readonly onDeath: ((reason: string) => void)[];
}

/** Starts rank 0 of the job. Waits until all other ranks have joined. */
export const startRoot = async (mpi: Mpi): Promise<Root> => {
  const places = new Map<number, string>();
  const workers = new Map<number, Opened>();
  const lost = new Set<number>();
  /** For each rank, the seconds since its last letter. Seconds in which this thread computed are not counted. */
  const silence = new Map<number, number>();
  let next = 0;
  let allHere = (): void => {};
  const here = new Promise<void>((resolve) => {
    allHere = resolve;
  });
  const isHere = (): boolean => places.size === mpi.ranks - 1;
  const box = mailbox<LetterToRank, LetterToRoot>(mpi, {
    awaits: () => !isHere() || [...workers.values()].some(({ asked }) => asked),
    onLetter: (from, letter) => {
      silence.set(from, 0);
      if (letter.kind === 'alive') return;
      if (letter.kind === 'here') {
        places.set(from, `rank ${from} on ${letter.host}, process ${letter.pid}`);
        if (isHere()) allHere();
        return;
      }
      // The letter may come from a worker that was closed after it had sent the letter.
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
  // `mpirun` ends the job when a rank dies. `srun` ends the job only with --kill-on-bad-exit, or with PMIx.
  const watch = setInterval(() => {
    const waiting = [...workers.values()].filter(({ asked }) => asked);
    for (const rank of new Set(waiting.map((worker) => worker.rank))) {
      silence.set(rank, silence.get(rank)! + 1);
      if (silence.get(rank)! < SILENT_SECONDS) continue;
      lost.add(rank);
      for (const worker of waiting.filter((one) => one.rank === rank)) {
        worker.asked = false;
        for (const listener of worker.onDeath) listener(`no sign of life for ${SILENT_SECONDS} s`);
      }
    }
  }, 1000).unref();
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
          silence.set(rank, 0);
          return box.send(rank, { kind: 'post', worker, message });
        },
        onMessage: (listener) => void opened.onMessage.push(listener),
        onDeath: (listener) => void opened.onDeath.push(listener),
        terminate: async () => {
          if (workers.delete(worker) && !lost.has(rank)) await box.send(rank, { kind: 'close', worker });
        },
      });
    },
    end: async () => {
      const isComplete = lost.size === 0;
      const sent = Promise.all(
        [...places.keys()].filter((rank) => !lost.has(rank)).map((rank) => box.send(rank, { kind: 'end', isComplete })),
      );
      // A rank that has died never receives the letter that ends the job. So if a rank counts as lost, the wait is
      // limited to 1 s.
      await (isComplete ? sent : Promise.race([sent, new Promise((resolve) => setTimeout(resolve, 1000))]));
      clearInterval(watch);
      box.stop();
      // `finish` waits for all ranks, so `finish` is not called if a rank is lost.
      if (isComplete) mpi.finish();
    },
  });
};
