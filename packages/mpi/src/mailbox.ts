import { decodeFrame, encodeFrame, type Letter, type Memories } from './frame.ts';
import type { Mpi } from './mpi.ts';

/** Sends and receives letters of a rank without blocking the thread. */
interface Mailbox<Sent> {
  /** Sends a letter with the current values of its buffers. Resolves when the letter has left this rank. */
  send(to: number, letter: Sent): Promise<void>;
  /** Receives letters, and advances letters that are being sent, as long as `awaits` returns true. */
  wake(): void;
  /** Stops polling for letters. */
  stop(): void;
}

/** Options of {@link mailbox}. */
interface MailboxOptions<Received> {
  /** Handles a letter. The next letter overwrites each `SharedArrayBuffer` in this letter. */
  readonly onLetter: (from: number, letter: Received) => void;
  /** Whether a letter may arrive. If so, the mailbox polls for letters. */
  readonly awaits: () => boolean;
}

interface Outgoing {
  readonly letters: Letter[];
  readonly left: Promise<void>;
}

/**
 * Returns the mailbox of this rank. Letters that are sent to one rank in the same turn of the event loop travel as one
 * message. A `SharedArrayBuffer` of several letters is in the message only once.
 *
 * @remarks Waiting takes little processor time. After a letter, the thread polls again immediately. Then it sleeps
 * between two polls: at most 0.2 ms, and 1 ms if no letter has arrived for a tenth of a second. The waiting functions
 * of MPI would occupy a whole core.
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

/** Milliseconds without a letter after which the thread sleeps between two polls. */
const SHORT_MS = 0.3;
/** Milliseconds of a sleep. No other code runs on the thread during the sleep. */
const NAP_MS = 0.2;
/** Milliseconds without a letter after which the thread polls only once a millisecond. */
const LONG_MS = 100;
const NEVER = new Int32Array(new SharedArrayBuffer(4));
