/** A read-write lock: readers run concurrently, a writer alone. */
export interface Gate {
  look<T>(body: () => T | Promise<T>): Promise<T>;
  change<T>(body: () => T | Promise<T>): Promise<T>;
}

/**
 * A {@link Gate}, first come, first served: a writer waits for the readers that started before it, and later readers
 * see the result of the write. So a picture that takes several turns of the event loop shows one set of weights.
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
