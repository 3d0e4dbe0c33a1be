import { isThere, look, measure, type LookInput } from './look.ts';
import { AGE_MS, FINEST, firstPace, paced, restAfter } from './pace.ts';
import type { Trainer } from './trainers.ts';

export type { LookInput } from './look.ts';

interface Refresh {
  /**
   * Requests an update of the pictures. If an update is in progress, the requested update begins after it, otherwise
   * immediately.
   */
  wake(): void;
  /** Requests an update of the pictures. The promise resolves when the update has ended, even if the update failed. */
  next(): Promise<void>;
}

/** Interval between two slow measurements (norms and residuals) during training, in milliseconds. */
const SLOW_MS = 1500;
/**
 * Ratio of the waiting time between two updates to the duration of an update. The ratio is larger on machines with two
 * processors, because two processors are often two threads of a single core, which slow each other down.
 */
const REST = navigator.hardwareConcurrency <= 2 ? 7 : 2;
/**
 * Largest number of milliseconds for which training pauses during an update. The limit is needed because the call that
 * resumes training is lost if a worker dies.
 */
const HOLD_MS = 2 * AGE_MS;

/**
 * Starts a loop that updates the pictures whenever their content may have changed. Each update sends the weights of the
 * trainers to the viewer and the viewer's pictures to the page. During training the wait after an update is at most
 * {@link REST} times the duration of the update. The wait is shortened if a visible picture would otherwise become
 * older than a second. If the machine is too slow or too busy for such young pictures, the pictures first get coarser.
 * If coarse pictures are still too slow, training pauses during updates.
 */
export const startRefresh = (input: () => LookInput | undefined, failed: (error: Error) => void): Refresh => {
  let news = true;
  let called: (() => void) | undefined;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    news = true;
    called?.();
  };
  let pace = firstPace;
  let measuredAt = -Infinity;

  /** Resolves after `ms` milliseconds, or earlier if `wake` is called. */
  const rest = async (ms: number): Promise<void> => {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      called = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    called = undefined;
  };
  /**
   * Returns the level of detail of the next picture. When training has just been paused, the first picture has the same
   * detail as during training. Each following picture is finer, up to the finest detail.
   */
  const detailOf = (now: LookInput, trainer: Trainer): number => {
    const before = trainer.run.shown;
    const same =
      before.step === trainer.run.step.value &&
      (now.view.stage === 'warp' || now.view.stage === 'planes' || trainer.run.map.value?.quantity === now.view.stage);
    return now.playing || !same ? pace.detail : Math.min(FINEST, Math.max(pace.detail, before.detail + 1));
  };

  /**
   * Updates the pictures of all models. `left` is true if more updates must follow as long as training is paused.
   * `waitedMs` is the time spent waiting for weights.
   */
  const round = async (now: LookInput): Promise<{ readonly left: boolean; readonly waitedMs: number }> => {
    let waitedMs = 0;
    const there = now.trainers.filter(isThere);
    if (now.playing && pace.yielding) for (const trainer of there) trainer.hold(HOLD_MS);
    try {
      const start = performance.now();
      for (const trainer of there) waitedMs += await look(now, trainer, detailOf(now, trainer));
      const took = performance.now() - start - waitedMs;
      if (now.playing && there.length > 0) pace = paced(pace, took);
      const due = !now.playing || performance.now() - measuredAt > SLOW_MS;
      let left = false;
      if (due) {
        measuredAt = performance.now();
        // An update makes at most one slow measurement of each model.
        for (const trainer of there) left = (await measure(now, trainer)) || left;
      }
      return { left: left || there.some((trainer) => trainer.run.shown.detail < FINEST), waitedMs };
    } finally {
      for (const trainer of there) trainer.hold(0);
    }
  };

  const loop = async (): Promise<void> => {
    for (;;) {
      const now = document.hidden ? undefined : input();
      if (now === undefined || !news) {
        await rest(500);
        continue;
      }
      news = false;
      const asked = waiting;
      waiting = [];
      const start = performance.now();
      let waitedMs = 0;
      try {
        const looked = await round(now);
        waitedMs = looked.waitedMs;
        if (!now.playing && looked.left) news = true;
      } catch (error) {
        // The update fails if a trainer or the viewer has died. When the replacement of the dead worker has started,
        // `wake` is called.
        failed(error as Error);
      }
      for (const done of asked) done();
      // `wake` was called during the update, so the next update begins immediately.
      if (news && now.playing) continue;
      news ||= now.playing;
      await rest(now.playing ? restAfter(performance.now() - start, waitedMs, REST) : 30);
    }
  };
  void loop();
  document.addEventListener('visibilitychange', wake);
  return {
    wake,
    next: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        wake();
      }),
  };
};
