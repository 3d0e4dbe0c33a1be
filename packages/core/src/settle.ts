import { backend, type KernelBackend } from '@tensorflow/tfjs-core';
import { capabilities } from './backend.ts';
import { FlowError } from './errors.ts';
import { release } from './scope.ts';

/** Result of one solve, read after it ended. */
export interface Verdict {
  /** Steps that the slowest sample needed; 0 for a method without steps. */
  readonly steps: number;
  /** Whether more steps could improve the result. */
  readonly hopeful: boolean;
  /** Reports the end of the solve. Called only for the last attempt. */
  readonly tell: () => void;
}

/** A solve whose result has not been read from the device. */
export interface Unread {
  /** Reads the result. */
  read(): Promise<Verdict>;
  /** Frees the result without reading it. */
  drop(): void;
}

/** One run of a computation on a backend on which solves cannot read their residuals. */
export interface Attempt {
  /** Number of steps of each solver. */
  readonly steps: number;
  /** Whether this is the last attempt. */
  readonly last: boolean;
  /** Adds a solve whose result {@link settle} reads later. */
  leave(unread: Unread): void;
}

/** The current attempt. The variable is set only while {@link settle} runs its body, which is synchronous. */
let current: Attempt | undefined;

/**
 * Returns the attempt that a solve belongs to, on a backend that cannot be read without awaiting.
 *
 * @throws `unsupported` outside {@link settle}, because the solve could not be verified.
 */
export const currentAttempt = (at: string): Attempt => {
  if (current !== undefined) return current;
  throw new FlowError('unsupported', at, 'This backend has no synchronous read, so `solve` cannot check convergence', {
    hint: 'Wrap the call: await settle(() => flow.logProb(x)). Training, scoring and sampling of ImpFlow do this.',
  });
};

/**
 * Runs `body` and verifies every solve inside it, also on backends that can only be read by awaiting (WebGPU).
 *
 * On backends with synchronous reads, `settle` only calls `body`. On backends without synchronous reads, each solve
 * takes a fixed number of steps. Then the residuals of all solves are read in one wait. If a sample has not converged
 * and may converge with more steps, `body` runs again and the number of steps is doubled. Samples that have converged
 * do not change in later steps, so the result does not depend on the number of steps. The first attempt of the next
 * call has one step more than this call needed.
 *
 * @param body A pure, synchronous computation. `body` may run several times. Tensors in plain records of its result
 * belong to the caller. When an attempt is repeated, the tensors of its result are disposed.
 * @param most Number of steps after which there is no further attempt. Default 512.
 */
export const settle = async <T>(body: () => T, { most = 512 }: { readonly most?: number } = {}): Promise<T> => {
  if (capabilities().syncRead) return body();
  const device = backend();
  for (let steps = needed.get(device) ?? FIRST; ; steps *= 2) {
    const last = steps >= most;
    const left: Unread[] = [];
    const result = attempted(
      {
        steps,
        last,
        leave: (unread) => {
          left.push(unread);
        },
      },
      body,
      left,
    );
    const found = await Promise.all(left.map((unread) => unread.read()));
    if (!last && found.some(({ hopeful }) => hopeful)) {
      release(result);
      continue;
    }
    // One step is added to the number that this batch needed, because the next batch may need more steps.
    if (found.length > 0) needed.set(device, Math.max(LEAST, 1 + Math.max(...found.map(({ steps: taken }) => taken))));
    for (const { tell } of found) tell();
    return result;
  }
};

const attempted = <T>(attempt: Attempt, body: () => T, left: readonly Unread[]): T => {
  const outer = current;
  current = attempt;
  try {
    return body();
  } catch (error) {
    for (const unread of left) unread.drop();
    throw error;
  } finally {
    current = outer;
  }
};

/** Number of steps in the first attempt of the next call of `settle`, by backend. */
const needed = new WeakMap<KernelBackend, number>();
const FIRST = 8;
const LEAST = 3;
