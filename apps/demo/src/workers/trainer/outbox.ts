/** A queue of reports that are sent to the page together. */
export interface Outbox<T> {
  add(item: T): void;
  flush(): void;
}

/**
 * Collects frequent reports and sends them together, at the latest after `everyMs` milliseconds. A separate message for
 * every report would take too much time in both threads.
 */
export const outbox = <T>(send: (items: readonly T[]) => void, everyMs: number): Outbox<T> => {
  let items: T[] = [];
  let sentAt = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (items.length === 0) return;
    const sent = items;
    items = [];
    sentAt = performance.now();
    send(sent);
  };
  return {
    flush,
    add: (item) => {
      items.push(item);
      const left = everyMs - (performance.now() - sentAt);
      if (left <= 0) flush();
      else timer ??= setTimeout(flush, left);
    },
  };
};
