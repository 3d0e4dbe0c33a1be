/** Schedules training steps, and the tasks between them. */
export interface StepLoop {
  /** Makes steps until paused, `pauseMs` milliseconds apart. While it runs, a call changes the interval. */
  run(pauseMs: number): void;
  /** Resolves once no step is running and none will start. */
  pause(): Promise<void>;
  /** Makes one step, then pauses. */
  step(): Promise<void>;
  /** Makes no step for `ms` milliseconds; 0 ends the hold. Tasks run meanwhile. */
  hold(ms: number): void;
  /** Runs `task` while no step is running: immediately when paused, else after the current step. */
  between<T>(task: () => T | Promise<T>): Promise<T>;
}

/**
 * Runs steps and tasks one after the other, in the order in which they were requested.
 *
 * @param advance Makes one step; returns false if another step is pointless. Does not throw.
 */
export const stepLoop = (advance: () => Promise<boolean>): StepLoop => {
  let last: Promise<unknown> = Promise.resolve();
  let wanted = false;
  let running = false;
  let distanceMs = 0;
  /** Time until which no step begins. */
  let heldUntil = -Infinity;
  let wake = (): void => {};
  let endHold = (): void => {};

  const between = <T>(task: () => T | Promise<T>): Promise<T> => {
    const result = last.then(task);
    last = result.catch(() => {});
    return result;
  };
  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const held = async (): Promise<void> => {
    const left = heldUntil - performance.now();
    if (left <= 0) return;
    const resting = rest(left);
    endHold = wake;
    await resting;
    endHold = () => {};
  };
  const go = async (): Promise<void> => {
    running = true;
    for (;;) {
      await held();
      // A new call of `run` ended the rest before the end of the hold.
      if (wanted && heldUntil > performance.now()) continue;
      // The training may have been paused while this step waited.
      await between(async () => {
        if (wanted && !(await advance())) wanted = false;
      });
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
    hold: (ms) => {
      heldUntil = performance.now() + ms;
      if (ms === 0) endHold();
    },
    step: () => {
      stop();
      return between(async () => {
        await advance();
      });
    },
  };
};
