const callbacksOf = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `callback` when the signal is aborted. Returns a function that removes the callback. All callbacks of a signal
 * share one listener, for two reasons. Node prints a warning if a signal has more than ten listeners. The time that
 * Node needs to remove a listener is proportional to the number of listeners.
 */
export const onAbort = (signal: AbortSignal, callback: () => void): (() => void) => {
  let callbacks = callbacksOf.get(signal);
  if (callbacks === undefined) {
    const all = new Set<() => void>();
    callbacks = all;
    callbacksOf.set(signal, all);
    signal.addEventListener(
      'abort',
      () => {
        for (const each of all) each();
        all.clear();
      },
      { once: true },
    );
  }
  callbacks.add(callback);
  return () => void callbacks.delete(callback);
};
