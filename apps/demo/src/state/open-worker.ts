import { releaseProxy, wrap, type Remote } from 'comlink';
import type { Role } from '../workers/worker.ts';

/** What every worker answers: a sign of life. */
interface Alive { ping(): number }

export interface Opened<Api> {
  /** The answer of a call, or the death of the worker, whichever comes first: no call waits forever. */
  ask<R>(call: (worker: Remote<Api>) => R): Promise<Awaited<R>>;
  close(): void;
}

export interface OpenOptions {
  /** Told once if the worker dies without having been closed. */
  readonly onDeath?: (reason: string) => void;
  /** Milliseconds of silence after which a worker counts as dead. Default 10 s. */
  readonly patienceMs?: () => number;
}

/** Every so often a worker is asked for a sign of life. */
const PING_MS = 2000;

/** Starts the worker script in one of its roles. @throws where it does not load. */
export const openWorker = async <Api extends Alive>(role: Role, { onDeath, patienceMs = () => 10_000 }: OpenOptions = {}): Promise<Opened<Api>> => {
  const worker = new Worker(new URL('../workers/worker.ts', import.meta.url), { type: 'module', name: role });
  // Not a race with a promise of its death, which would keep every call that there ever was.
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
  const dead = (reason: string): void => { if (end(reason)) onDeath?.(reason); };
  worker.addEventListener('error', (event) => {
    // An error in a callback is no death where the worker still answers; the watch below tells.
    if (event.message === '') dead('its script could not run');
  });
  timer = watch(remote as unknown as Remote<Alive>, patienceMs, () => dead('it does not answer any more'));
  return {
    ask: (call) => new Promise((resolve, reject) => {
      if (over) return reject(new Error(`The ${role} has stopped.`));
      waiting.add(reject);
      Promise.resolve(call(remote)).finally(() => waiting.delete(reject)).then(resolve as (value: unknown) => void, reject);
    }),
    close: () => { end('it was closed'); },
  };
};

const ready = <Api>(worker: Worker, role: Role): Promise<Remote<Api>> => new Promise((resolve, reject) => {
  worker.addEventListener('message', function listen({ data }: MessageEvent) {
    if (data !== 'ready') return;
    worker.removeEventListener('message', listen);
    resolve(wrap<Api>(worker));
  });
  worker.addEventListener('error', ({ message }) => reject(new Error(`The ${role} does not start: ${message || 'its script does not load'}. Reload the page.`)), { once: true });
});

/** Asks for signs of life, and calls `silent` when they fail to come. Time in which the page itself slept does not count. */
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
    void Promise.resolve(remote.ping()).then(() => { heard = performance.now(); }, () => {}).finally(() => { waiting = false; });
  }, PING_MS);
};
