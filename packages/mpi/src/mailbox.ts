import { decodeFrame, encodeFrame, type Letter, type Memories } from './frame.ts';
import type { Mpi } from './mpi.ts';

/** Sends and receives letters (requests and responses between ranks) without blocking the thread. */
interface Mailbox<Sent> {
  /**
   * Sends a letter with the current values of its buffers. The promise resolves when MPI no longer needs the sent
   * bytes.
   */
  send(to: number, letter: Sent): Promise<void>;
  /** Starts polling: receives letters, and continues to send outgoing letters, as long as `awaits` returns true. */
  wake(): void;
  /** Stops polling for letters. */
  stop(): void;
}

/** Options of {@link mailbox}. */
interface MailboxOptions<Received> {
  /** Called with each received letter. The next letter overwrites each `SharedArrayBuffer` in this letter. */
  readonly onLetter: (from: number, letter: Received) => void;
  /** Whether a letter may arrive. While this function returns true, the mailbox polls for letters. */
  readonly awaits: () => boolean;
}

interface Outgoing {
  readonly letters: Letter[];
  readonly left: Promise<void>;
}

/**
 * Returns the mailbox of this rank, which sends and receives letters. All letters to one rank that are sent in one turn
 * of the event loop form one MPI message. A `SharedArrayBuffer` that occurs in several letters is in the message only
 * once.
 *
 * @remarks Waiting takes little processor time. For 0.3 ms after a letter, the thread polls without sleeping.
 * Afterwards the thread sleeps 0.2 ms between two polls. If no letter has arrived for 100 ms, the thread polls once per
 * millisecond. The waiting functions of MPI would occupy a whole core.
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
/** Duration of the sleep between two polls, in milliseconds. The sleep blocks the thread. */
const NAP_MS = 0.2;
/** Milliseconds without a letter after which the thread polls only once a millisecond. */
const LONG_MS = 100;
const NEVER = new Int32Array(new SharedArrayBuffer(4));
