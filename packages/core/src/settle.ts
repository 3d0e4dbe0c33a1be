import { backend, type KernelBackend } from '@tensorflow/tfjs-core';
import { capabilities } from './backend.ts';
import { FlowError } from './errors.ts';
import { release } from './scope.ts';

/** What an iterative method found out about itself, once it was read. */
export interface Verdict {
  /** Steps that its slowest sample needed; 0 for a method without steps. */
  readonly steps: number;
  /** Whether more steps could do better. */
  readonly hopeful: boolean;
  /** Reports the end, once this attempt is the one that counts. */
  readonly tell: () => void;
}

/** A verdict that can only be had by waiting. */
export interface Unread {
  read(): Promise<Verdict>;
  /** Instead of reading it. */
  drop(): void;
}

/** One run of a computation whose solves cannot look how far they are. */
export interface Attempt {
  /** Steps that each solver gets. */
  readonly steps: number;
  /** Whether no further attempt will be made. */
  readonly last: boolean;
  leave(unread: Unread): void;
}

/** The attempt under way. Set only while {@link settle} runs its body, which is synchronous. */
let current: Attempt | undefined;

/**
 * The attempt that a solve is part of, where it cannot look by itself.
 *
 * @throws `unsupported` outside {@link settle}: an unverified answer is not returned.
 */
export const attempt = (at: string): Attempt => {
  if (current !== undefined) return current;
  throw new FlowError('unsupported', at, 'The running backend cannot be read at once, so a solve cannot look whether it is done', {
    hint: 'Wrap the call: await settle(() => flow.logProb(x)). Training, scoring and sampling of this workspace do.',
  });
};

/**
 * `body()`, with every solve inside it verified: what lets one program run on backends that can only be read by waiting (WebGPU).
 *
 * Where tensors can be read at once, that is all. Elsewhere the solves inside take a fixed number of steps without looking; then their
 * residuals are read, all in one wait, and where a sample is not done that more steps may help, all is done again with twice as many.
 * Samples that are done stay as they are, so the answer does not depend on how many steps it took. The next call begins with as many as were needed.
 *
 * @param body A pure, synchronous computation; it may run several times. Tensors reachable through plain records in its result belong to
 * the caller; tensors of an attempt that is repeated are disposed.
 * @param most Steps after which no further attempt is made.
 */
export const settle = async <T>(body: () => T, { most = 512 }: { readonly most?: number } = {}): Promise<T> => {
  if (capabilities().syncRead) return body();
  const device = backend();
  for (let steps = needed.get(device) ?? FIRST; ; steps *= 2) {
    const last = steps >= most;
    const left: Unread[] = [];
    const result = attempted({ steps, last, leave: (unread) => { left.push(unread); } }, body, left);
    const found = await Promise.all(left.map((unread) => unread.read()));
    if (!last && found.some(({ hopeful }) => hopeful)) {
      release(result);
      continue;
    }
    // One to spare: the next batch is another.
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

/** Steps that the last computation needed, by the backend that runs. */
const needed = new WeakMap<KernelBackend, number>();
const FIRST = 8;
const LEAST = 3;
