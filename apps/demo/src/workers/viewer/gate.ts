/** Between those who look at something, side by side, and those who change it, alone. */
export interface Gate {
  look<T>(body: () => T | Promise<T>): Promise<T>;
  change<T>(body: () => T | Promise<T>): Promise<T>;
}

/**
 * A {@link Gate}, first come, first served: a change waits for the looks that began before it, and no look that comes later sees anything but what the change
 * leaves. So a picture that takes many turns of the event loop is of one set of weights.
 */
export const gate = (): Gate => {
  let lastChange: Promise<unknown> = Promise.resolve();
  const looks = new Set<Promise<unknown>>();
  return {
    look: (body) => {
      const result = lastChange.then(body);
      const over = result.catch(() => {}).finally(() => looks.delete(over));
      looks.add(over);
      return result;
    },
    change: (body) => {
      const result = Promise.all([lastChange, ...looks]).then(body);
      lastChange = result.catch(() => {});
      return result;
    },
  };
};
