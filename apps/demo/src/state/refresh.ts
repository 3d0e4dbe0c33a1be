import { isThere, look, measure, type LookInput } from './look.ts';
import { AGE_MS, FINEST, firstPace, paced, restAfter } from './pace.ts';
import type { Trainer } from './trainers.ts';

export type { LookInput } from './look.ts';

interface Refresh {
  /**
   * Requests an update, because something visible has changed. The update begins immediately, or after the current
   * update.
   */
  wake(): void;
  /** Requests an update and resolves when it has ended, even if it failed. */
  next(): Promise<void>;
}

/** Interval of the slow measurements during training, in milliseconds. */
const SLOW_MS = 1500;
/**
 * Ratio of the time between updates to the time of an update. It is larger on two processors, which are often two
 * threads of one core and then slow each other down.
 */
const REST = navigator.hardwareConcurrency <= 2 ? 7 : 2;
/**
 * Milliseconds after which a hold of training ends by itself, in case the call that ends it is lost when a worker dies.
 */
const HOLD_MS = 2 * AGE_MS;

/**
 * Starts the loop that updates the pictures as long as something changes. Each update sends the weights of the trainers
 * to the viewer and the viewer's pictures to the page. During training the wait after an update is {@link REST} times
 * as long as the update, or shorter, so that no visible picture is older than a second. If the machine is too slow or
 * too busy for this, the pictures first get coarser. If this is not enough, training pauses during updates.
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

  /** Resolves after `ms` milliseconds, or when `wake` is called. */
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
   * Returns the detail of the next picture. While training is paused, the first picture has the same detail as during
   * training. The following pictures get finer, up to the finest detail.
   */
  const detailOf = (now: LookInput, trainer: Trainer): number => {
    const before = trainer.run.shown;
    const same =
      before.step === trainer.run.step.value &&
      (now.view.stage === 'warp' || now.view.stage === 'planes' || trainer.run.map.value?.quantity === now.view.stage);
    return now.playing || !same ? pace.detail : Math.min(FINEST, Math.max(pace.detail, before.detail + 1));
  };

  /**
   * Updates the pictures of all models. Returns whether further updates are needed if training is paused, and the time
   * spent waiting for weights.
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
        // At most one measurement of each model per update.
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
        // The update fails if a trainer or the viewer has died. Its replacement wakes this loop.
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
