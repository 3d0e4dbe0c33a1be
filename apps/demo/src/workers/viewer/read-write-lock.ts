/** A read-write lock: readers run concurrently, a writer has exclusive access. */
interface ReadWriteLock {
  read<T>(body: () => T | Promise<T>): Promise<T>;
  write<T>(body: () => T | Promise<T>): Promise<T>;
}

/**
 * Creates a {@link ReadWriteLock} that serves requests in their order. A writer waits for all earlier readers, and
 * later readers wait for the writer. Therefore a picture that takes several turns of the event loop shows a single set
 * of weights.
 */
export const readWriteLock = (): ReadWriteLock => {
  let lastWrite: Promise<unknown> = Promise.resolve();
  const reads = new Set<Promise<unknown>>();
  return {
    read: (body) => {
      const result = lastWrite.then(body);
      const over = result.catch(() => {}).finally(() => reads.delete(over));
      reads.add(over);
      return result;
    },
    write: (body) => {
      const result = Promise.all([lastWrite, ...reads]).then(body);
      lastWrite = result.catch(() => {});
      return result;
    },
  };
};
