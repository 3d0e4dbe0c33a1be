/**
 * Resolves with the promise, or with undefined after `ms` milliseconds. If the promise rejects, resolves with
 * undefined.
 */
export const within = <T>(ms: number, promise: Promise<T>): Promise<T | undefined> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    const end = (value?: T): void => {
      clearTimeout(timer);
      resolve(value);
    };
    promise.then(end, () => end());
  });
