/** A queue that collects reports and sends several of them to the page in one message. */
export interface Outbox<T> {
  add(item: T): void;
  flush(): void;
}

/**
 * Creates a queue for frequent reports. Each report is sent at most `everyMs` milliseconds after it was added, together
 * with all other waiting reports. A separate message for every report would take too much time in the worker and in the
 * page.
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
