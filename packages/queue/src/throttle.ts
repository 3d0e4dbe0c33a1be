/**
 * Returns a function `push` that passes values to `send`. At most one value is sent in `ms` milliseconds, and only
 * after the previous `send` has ended. If several values are waiting, only the newest value is sent.
 */
export const throttle = <T>(
  ms: number,
  send: (value: T) => Promise<void>,
): { readonly push: (value: T) => void; readonly stop: () => void } => {
  let next: { readonly value: T } | undefined,
    timer: NodeJS.Timeout | undefined,
    last = -Infinity,
    sending = false,
    stopped = false;
  const flush = (): void => {
    if (stopped || sending || timer !== undefined || next === undefined) return;
    const wait = last + ms - Date.now();
    if (wait > 0) {
      timer = setTimeout(() => {
        timer = undefined;
        flush();
      }, wait);
      return;
    }
    const { value } = next;
    next = undefined;
    sending = true;
    last = Date.now();
    const sent = (): void => {
      sending = false;
      flush();
    };
    send(value).then(sent, sent);
  };
  return {
    push: (value) => {
      next = { value };
      flush();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
};
