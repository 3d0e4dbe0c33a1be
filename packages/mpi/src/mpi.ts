import { FlowError } from '@impflow/core';
import { abiOf } from './abi.ts';
import { loadLibrary } from './library.ts';

/**
 * The functions of MPI that this package uses. The functions refer to the ranks of `MPI_COMM_WORLD`. Only `finish`
 * blocks.
 */
export interface Mpi {
  /** Rank of this process, counted from 0. */
  readonly rank: number;
  /** Number of ranks of the MPI job. */
  readonly ranks: number;
  /** Name of the MPI library, such as `Open MPI`. */
  readonly library: string;
  /**
   * Starts to send a message, whose length in bytes is a multiple of 8. The returned function returns true as soon as
   * MPI no longer needs the buffer `bytes`. Until then the caller must not change the buffer. Call the returned
   * function until it returns true: MPI sends a long message only during these calls.
   */
  send(bytes: Uint8Array, to: number): () => boolean;
  /** Returns the next message that has arrived, or undefined. The caller owns the bytes of the message. */
  receive(): Message | undefined;
  /** Bytes of all messages that this rank has sent and received so far. */
  traffic(): Traffic;
  /** Leaves MPI (`MPI_Finalize`). Blocks until all ranks have called `finish`. */
  finish(): void;
}

/** Number of bytes that a rank has sent and received. */
export interface Traffic {
  /** Bytes that the rank has sent. */
  readonly sent: number;
  /** Bytes that the rank has received. */
  readonly received: number;
}

/** A message that this rank has received, and the rank that sent it. */
export interface Message {
  readonly from: number;
  readonly bytes: Uint8Array;
}

/**
 * Bytes per element of an MPI message. An MPI count has 31 bits, so a message with elements of one byte could have at
 * most 2 GB.
 */
export const UNIT = 8;
const TAG = 0;

/**
 * Initializes MPI (`MPI_Init`). Call `startMpi` only once in a process.
 *
 * @remarks Takes about 0.2 s.
 * @throws `unsupported` if no MPI library is installed.
 */
export const startMpi = async (): Promise<Mpi> => {
  const library = await loadLibrary();
  const { name, handle, world, double, anySource, sourceAt } = abiOf(library);
  const bind = (declared: string): ((...args: unknown[]) => number) => library.func(`int ${declared}`);
  const init = bind('MPI_Init(void *, void *)');
  const finalize = bind('MPI_Finalize()');
  const isend = bind(`MPI_Isend(void *, int, ${handle}, int, int, ${handle}, void *)`);
  const test = bind('MPI_Test(void *, _Out_ int *, void *)');
  const probe = bind(`MPI_Iprobe(int, int, ${handle}, _Out_ int *, void *)`);
  const count = bind(`MPI_Get_count(void *, ${handle}, _Out_ int *)`);
  const recv = bind(`MPI_Recv(void *, int, ${handle}, int, int, ${handle}, void *)`);
  const asked = (declared: string): number => {
    const out: [number] = [0];
    checked(declared, bind(`${declared}(${handle}, _Out_ int *)`)(world, out));
    return out[0];
  };
  checked('MPI_Init', init(null, null));
  // This buffer is larger than the `MPI_Status` of any MPI library.
  const status = Buffer.alloc(128);
  const fields = new Int32Array(status.buffer, status.byteOffset, status.length / 4);
  const found: [number] = [0];
  let [sent, received] = [0, 0];
  return Object.freeze<Mpi>({
    rank: asked('MPI_Comm_rank'),
    ranks: asked('MPI_Comm_size'),
    library: name,
    send: (bytes, to) => {
      const request = Buffer.alloc(16);
      sent += bytes.length;
      checked('MPI_Isend', isend(bytes, bytes.length / UNIT, double, to, TAG, world, request));
      let hasLeft = false;
      return () => {
        if (hasLeft) return true;
        checked('MPI_Test', test(request, found, status));
        hasLeft = found[0] !== 0;
        // This expression refers to `bytes`, so that the garbage collector keeps its memory until MPI has sent it.
        return hasLeft && bytes.length >= 0;
      };
    },
    receive: () => {
      checked('MPI_Iprobe', probe(anySource, TAG, world, found, status));
      if (found[0] === 0) return undefined;
      const from = fields[sourceAt]!;
      checked('MPI_Get_count', count(status, double, found));
      const units = found[0];
      const bytes = Buffer.allocUnsafeSlow(UNIT * units);
      checked('MPI_Recv', recv(bytes, units, double, from, TAG, world, status));
      received += bytes.length;
      return { from, bytes };
    },
    traffic: () => ({ sent, received }),
    finish: () => void checked('MPI_Finalize', finalize()),
  });
};

/** @throws `worker` for an error that MPI returns. By default, MPI itself ends the process when an error occurs. */
const checked = (call: string, code: number): void => {
  if (code === 0) return;
  throw new FlowError('worker', 'mpi/joinMpi', `${call} failed`, { expected: 'MPI_SUCCESS', got: String(code) });
};
