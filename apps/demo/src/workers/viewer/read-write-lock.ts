/** A read-write lock: several readers run concurrently, and a writer has exclusive access. */
interface ReadWriteLock {
  read<T>(body: () => T | Promise<T>): Promise<T>;
  write<T>(body: () => T | Promise<T>): Promise<T>;
}

/**
 * Creates a {@link ReadWriteLock} that serves requests in their order. A writer waits for all earlier readers, and
 * later readers wait for the writer. Pictures are readers, and loading weights is a writer. Therefore a picture shows a
 * single set of weights, even if its computation takes several turns of the event loop.
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
