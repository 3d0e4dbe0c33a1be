/** Returns the value of a promise, or undefined if the promise rejects or takes longer than `ms` milliseconds. */
export const within = <T>(ms: number, promise: Promise<T>): Promise<T | undefined> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    const end = (value?: T): void => {
      clearTimeout(timer);
      resolve(value);
    };
    promise.then(end, () => end());
  });
