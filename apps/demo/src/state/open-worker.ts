import { releaseProxy, wrap, type Remote } from 'comlink';
import type { Role } from '../workers/worker.ts';

/** Every worker has this method, so that the page can check that the worker is alive. */
interface Alive {
  ping(): number;
}

export interface Opened<Api> {
  /**
   * Calls the worker. The promise resolves with the result of the call, or rejects if the worker dies before it
   * responds.
   */
  ask<R>(call: (worker: Remote<Api>) => R): Promise<Awaited<R>>;
  close(): void;
}

interface OpenOptions {
  /** Called once if the worker dies. A worker that was ended by `close` does not count as dead. */
  readonly onDeath?: (reason: string) => void;
  /** Returns the number of milliseconds without a response after which the worker counts as dead. Default: 10 s. */
  readonly patienceMs?: () => number;
}

/** Interval between two pings, in milliseconds. */
const PING_MS = 2000;

/** Starts a worker with the given role; all roles share one worker script. @throws if the script does not load. */
export const openWorker = async <Api extends Alive>(
  role: Role,
  { onDeath, patienceMs = () => 10_000 }: OpenOptions = {},
): Promise<Opened<Api>> => {
  const worker = new Worker(new URL('../workers/worker.ts', import.meta.url), { type: 'module', name: role });
  // A set contains the reject functions of all pending calls. The alternative, `Promise.race` between each call and a
  // promise that rejects when the worker dies, would keep every call in memory.
  const waiting = new Set<(reason: Error) => void>();
  const remote = await ready<Api>(worker, role);
  let over = false;
  let timer: ReturnType<typeof setInterval> | undefined;
  const end = (reason: string): boolean => {
    if (over) return false;
    over = true;
    clearInterval(timer);
    worker.terminate();
    (remote as Remote<object>)[releaseProxy]();
    for (const reject of waiting) reject(new Error(`The ${role} stopped: ${reason}.`));
    waiting.clear();
    return true;
  };
  const dead = (reason: string): void => {
    if (end(reason)) onDeath?.(reason);
  };
  worker.addEventListener('error', (event) => {
    // An error event with a message reports an exception in a callback of the worker, which does not end the worker.
    // The pings of `watch` detect dead workers.
    if (event.message === '') dead('its script could not run');
  });
  timer = watch(remote as unknown as Remote<Alive>, patienceMs, () => dead('it no longer answers'));
  return {
    ask: (call) =>
      new Promise((resolve, reject) => {
        if (over) return reject(new Error(`The ${role} has stopped.`));
        waiting.add(reject);
        Promise.resolve(call(remote))
          .finally(() => waiting.delete(reject))
          .then(resolve as (value: unknown) => void, reject);
      }),
    close: () => {
      end('it was closed');
    },
  };
};

const ready = <Api>(worker: Worker, role: Role): Promise<Remote<Api>> =>
  new Promise((resolve, reject) => {
    worker.addEventListener('message', function listen({ data }: MessageEvent) {
      if (data !== 'ready') return;
      worker.removeEventListener('message', listen);
      resolve(wrap<Api>(worker));
    });
    worker.addEventListener(
      'error',
      ({ message }) =>
        reject(new Error(`The ${role} does not start: ${message || 'its script does not load'}. Reload the page.`)),
      { once: true },
    );
  });

/**
 * Pings the worker every {@link PING_MS} milliseconds, and calls `silent` if no response arrives for `patienceMs()`
 * milliseconds. Time during which the page is hidden or suspended does not count.
 */
const watch = (remote: Remote<Alive>, patienceMs: () => number, silent: () => void): ReturnType<typeof setInterval> => {
  let heard = performance.now();
  let looked = heard;
  let waiting = false;
  return setInterval(() => {
    const now = performance.now();
    const slept = now - looked > 3 * PING_MS;
    looked = now;
    if (slept || document.hidden) heard = now;
    if (now - heard > patienceMs()) return silent();
    if (waiting) return;
    waiting = true;
    void Promise.resolve(remote.ping())
      .then(
        () => {
          heard = performance.now();
        },
        () => {},
      )
      .finally(() => {
        waiting = false;
      });
  }, PING_MS);
};
