/** When steps are made, and what is done between them. */
export interface Pace {
  /** Steps until paused, `pauseMs` apart. While it runs: changes the distance. */
  run(pauseMs: number): void;
  /** Resolves once no step is under way, or will be. */
  pause(): Promise<void>;
  /** One step, then rest. */
  step(): Promise<void>;
  /** Runs `task` while no step is under way: at once when paused, else after the step of this moment. */
  between<T>(task: () => T | Promise<T>): Promise<T>;
}

/**
 * Steps and everything that must not meet one, one after the other in the order in which they were asked for.
 *
 * @param advance One step; false where there is no point in another. Does not throw.
 */
export const pace = (advance: () => Promise<boolean>): Pace => {
  let last: Promise<unknown> = Promise.resolve();
  let wanted = false;
  let running = false;
  let distanceMs = 0;
  let wake = (): void => {};

  const between = <T>(task: () => T | Promise<T>): Promise<T> => {
    const result = last.then(task);
    last = result.catch(() => {});
    return result;
  };
  const rest = (ms: number): Promise<void> => new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  const go = async (): Promise<void> => {
    running = true;
    for (;;) {
      // A pause may have come while this step waited for its turn.
      await between(async () => { if (wanted && !(await advance())) wanted = false; });
      if (!wanted) break;
      if (distanceMs > 0) await rest(distanceMs);
    }
    running = false;
  };
  const stop = (): void => {
    wanted = false;
    wake();
  };
  return {
    between,
    run: (pauseMs) => {
      distanceMs = pauseMs;
      wanted = true;
      wake();
      if (!running) void go();
    },
    pause: () => {
      stop();
      return between(() => {});
    },
    step: () => {
      stop();
      return between(async () => { await advance(); });
    },
  };
};
