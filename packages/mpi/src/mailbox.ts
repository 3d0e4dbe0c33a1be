import { decodeFrame, encodeFrame, type Letter, type Memories } from './frame.ts';
import type { Mpi } from './mpi.ts';

/** Sends and receives letters of a rank without blocking the thread. */
interface Mailbox<Sent> {
  /** Sends a letter, with the values that its buffers have now. Resolves when it has left this rank. */
  send(to: number, letter: Sent): Promise<void>;
  /** Receives letters, and progresses pending letters, as long as `awaits` holds. */
  wake(): void;
  /** Looks for no more letters, from now on. */
  stop(): void;
}

/** Options of {@link mailbox}. */
interface MailboxOptions<Received> {
  /** Handles a letter. Shared memory in it is written again by the next letter. */
  readonly onLetter: (from: number, letter: Received) => void;
  /** Whether a letter may come. Then the box looks for one. */
  readonly awaits: () => boolean;
}

interface Outgoing {
  readonly letters: Letter[];
  readonly left: Promise<void>;
}

/**
 * A mailbox of this rank. Letters that are sent to one rank in the same turn of the event loop travel as one message.
 * The message contains memory that they share once.
 *
 * @remarks Waiting costs few cycles. The thread looks again immediately after a letter. Then it sleeps between two
 * looks, 0.2 ms at most, and 1 ms when nothing has come for a tenth of a second. MPI's own waiting takes a whole core.
 */
export const mailbox = <Sent extends Letter, Received>(
  mpi: Mpi,
  { onLetter, awaits }: MailboxOptions<Received>,
): Mailbox<Sent> => {
  const memories: Memories = [];
  const outgoing = new Map<number, Outgoing>();
  let underWay: { readonly isSent: () => boolean; readonly done: () => void }[] = [];
  let [looking, stopped] = [false, false];
  let lastAt = 0;
  const look = (): void => {
    if (stopped) return;
    const before = underWay.length;
    underWay = underWay.filter(({ isSent, done }) => {
      if (!isSent()) return true;
      done();
      return false;
    });
    const message = mpi.receive();
    if (message !== undefined)
      for (const letter of decodeFrame(message.bytes, memories) as Received[]) onLetter(message.from, letter);
    const now = performance.now();
    if (message !== undefined || underWay.length < before) lastAt = now;
    looking = underWay.length > 0 || awaits();
    if (!looking) return;
    const idle = now - lastAt;
    if (idle > LONG_MS) {
      setTimeout(look, 1);
      return;
    }
    if (idle > SHORT_MS) Atomics.wait(NEVER, 0, 0, NAP_MS);
    setImmediate(look);
  };
  const wake = (): void => {
    lastAt = performance.now();
    if (looking) return;
    looking = true;
    setImmediate(look);
  };
  const dispatch = (to: number, { letters }: Outgoing, done: () => void): void => {
    outgoing.delete(to);
    underWay.push({ isSent: mpi.send(encodeFrame(letters), to), done });
    wake();
  };
  return Object.freeze<Mailbox<Sent>>({
    wake,
    stop: () => {
      stopped = true;
    },
    send: (to, letter) => {
      const waiting = outgoing.get(to);
      if (waiting !== undefined) {
        waiting.letters.push(letter);
        return waiting.left;
      }
      const letters: Letter[] = [letter];
      const left = new Promise<void>((resolve, reject) => {
        queueMicrotask(() => {
          try {
            dispatch(to, outgoing.get(to)!, resolve);
          } catch (error) {
            reject(error);
          }
        });
      });
      outgoing.set(to, { letters, left });
      return left;
    },
  });
};

/** Milliseconds without a letter after which the thread sleeps between two looks. */
const SHORT_MS = 0.3;
/** Milliseconds of a sleep. No other code runs on the thread until then. */
const NAP_MS = 0.2;
/** Milliseconds without a letter after which it looks once a millisecond. */
const LONG_MS = 100;
const NEVER = new Int32Array(new SharedArrayBuffer(4));
