/** Schedules training steps, and tasks that must not run during a step. */
export interface StepLoop {
  /**
   * Makes training steps until the loop is paused, and waits `pauseMs` milliseconds between two steps. A later call of
   * `run` changes the waiting time.
   */
  run(pauseMs: number): void;
  /** Pauses the loop. Resolves when no step is running. */
  pause(): Promise<void>;
  /** Makes one step, then pauses. */
  step(): Promise<void>;
  /**
   * Makes no step for `ms` milliseconds. A call with 0 lets the loop continue immediately. Tasks of `between` run
   * during these `ms` milliseconds.
   */
  hold(ms: number): void;
  /** Runs `task` while no step is running: immediately if no step is in progress, otherwise after the current step. */
  between<T>(task: () => T | Promise<T>): Promise<T>;
}

/**
 * Returns a loop that runs steps and tasks one after another, in the order in which they were requested.
 *
 * @param advance Makes one step. Returns false if the loop should stop after this step. Does not throw.
 */
export const stepLoop = (advance: () => Promise<boolean>): StepLoop => {
  let last: Promise<unknown> = Promise.resolve();
  let wanted = false;
  let running = false;
  let distanceMs = 0;
  /** Time until which the loop begins no step. */
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
      // A new call of `run` may have ended the wait before `heldUntil`. The loop then waits again.
      if (wanted && heldUntil > performance.now()) continue;
      // The loop may have been paused while this step was waiting for its turn.
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
