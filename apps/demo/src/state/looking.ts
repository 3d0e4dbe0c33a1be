import type { ViewerWorker, Slot } from '../protocol/viewer.ts';
import type { Region } from '../protocol/data.ts';
import type { Opened } from './open-worker.ts';
import { takeHeldOut } from './run.ts';
import type { Look } from './session-types.ts';
import type { Trainer } from './trainers.ts';

/** What one round of looking needs to know. */
export interface Sight {
  readonly viewer: Opened<ViewerWorker>;
  readonly trainers: readonly Trainer[];
  readonly look: Look;
  readonly region: Region;
  readonly playing: boolean;
}

export interface Looking {
  /** Something changed that can be seen. */
  wake(): void;
}

/** Sides of maps, in pixels: while training the largest that takes no longer than {@link ROUND_MS}, at rest the last. */
const SIDES = [32, 48, 64, 96, 128, 192] as const;
const ROUND_MS = 200;
/** Held-out loss, norms and residuals change slowly, and cost more than they are worth at every round. */
const SELDOM_MS = 2500;
/** Two processors are often two halves of one: what one does, the other is slower by. */
const REST = navigator.hardwareConcurrency <= 2 ? 7 : 2;
const SAMPLES = 1500;
const LINES = 17;
const POINTS_PER_LINE = 97;

/**
 * Brings the weights of the trainers to the viewer and its pictures to the page, round after round, as long as there is something new: what is seen of a
 * model is always of one set of weights. While training, rests for {@link REST} times as long as it works, which leaves the machine to the trainer.
 */
export const startLooking = (sight: () => Sight | undefined, failed: (error: Error) => void): Looking => {
  let news = true;
  let called: (() => void) | undefined;
  const wake = (): void => {
    news = true;
    called?.();
  };
  const seen = new Map<Slot, Seen>();

  /** Until called, or for so long. */
  const rest = async (ms: number): Promise<void> => {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      called = () => { clearTimeout(timer); resolve(); };
    });
    called = undefined;
  };

  const loop = async (): Promise<void> => {
    for (;;) {
      const now = document.hidden ? undefined : sight();
      if (now === undefined || !news) {
        await rest(500);
        continue;
      }
      news = false;
      const start = performance.now();
      try {
        for (const trainer of now.trainers) await round(now, trainer, seen);
      } catch (error) {
        // A trainer that was just replaced, or a viewer: whoever replaces them wakes this loop.
        failed(error as Error);
      }
      const took = performance.now() - start;
      news ||= now.playing || now.trainers.some(({ run }) => !isFine(seen.get(run.slot)));
      // Less where somebody clicked.
      await rest(now.playing ? Math.max(60, REST * took) : 30);
    }
  };
  void loop();
  document.addEventListener('visibilitychange', wake);
  return { wake };
};

/** What was last shown of a model. */
interface Seen {
  /** Index into {@link SIDES}. */
  size: number;
  step: number;
  /** When one of the slow things was last looked at. */
  seldom: number;
  /** The step of each of them. */
  readonly looked: Record<'heldOut' | 'solves' | 'norms', number>;
}

const isFine = (seen: Seen | undefined): boolean => seen === undefined || seen.size === SIDES.length - 1;

const round = async ({ viewer, look, region, playing }: Sight, trainer: Trainer, all: Map<Slot, Seen>): Promise<void> => {
  const { run } = trainer;
  const { slot } = run;
  if (run.status.value === 'loading' || run.status.value === 'failed' || run.status.value === 'recovering') return;
  const weights = await trainer.checkpoint('weights');
  const { step } = await viewer.ask((v) => v.load(slot, weights));
  const seen = all.get(slot) ?? { size: 1, step: -1, seldom: -Infinity, looked: { heldOut: -1, solves: -1, norms: -1 } };
  all.set(slot, seen);
  const { point } = look;
  // First, since somebody just clicked there.
  run.path.value = point === undefined ? undefined : await viewer.ask((v) => v.path(slot, point));
  if (look.stage === 'warp') {
    run.warp.value = await viewer.ask((v) => v.warp(slot, region, LINES, POINTS_PER_LINE));
    seen.size = SIDES.length - 1;
  } else {
    // At rest: at once in the size of before, then finer until it is fine.
    if (!playing && seen.step === step && run.map.value?.quantity === look.stage) seen.size = Math.min(seen.size + 1, SIDES.length - 1);
    const { stage: quantity } = look;
    const start = performance.now();
    run.map.value = await viewer.ask((v) => v.map(slot, { quantity, region, side: SIDES[seen.size]! }));
    const took = performance.now() - start;
    if (playing && took > ROUND_MS && seen.size > 0) seen.size -= 1;
    if (playing && took < ROUND_MS / 4 && seen.size < SIDES.length - 2) seen.size += 1;
  }
  if (look.showSamples) run.samples.value = await viewer.ask((v) => v.samples(slot, SAMPLES, 0));
  const due = (what: keyof Seen['looked']): boolean => {
    if (seen.looked[what] === step || (playing && performance.now() - seen.seldom < SELDOM_MS)) return false;
    seen.looked[what] = step;
    return true;
  };
  // Asked before any of them is made: together they are one seldom thing.
  const [heldOut, solves, norms] = [due('heldOut'), look.solves && due('solves'), look.norms && due('norms')];
  if (heldOut || solves || norms) seen.seldom = performance.now();
  if (heldOut) takeHeldOut(run, await viewer.ask((v) => v.heldOut(slot)));
  if (solves) run.solves.value = await viewer.ask((v) => v.solves(slot));
  if (norms) run.norms.value = await viewer.ask((v) => v.norms(slot));
  seen.step = step;
};
