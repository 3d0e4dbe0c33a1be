import type { Region } from '../protocol/data.ts';
import type { ViewerWorker, Slot } from '../protocol/viewer.ts';
import type { Opened } from './open-worker.ts';
import { takeHeldOut } from './run.ts';
import type { ViewOptions } from './session-types.ts';
import type { Trainer } from './trainers.ts';

/** Input of one refresh. */
export interface RefreshInput {
  readonly viewer: Opened<ViewerWorker>;
  readonly trainers: readonly Trainer[];
  readonly view: ViewOptions;
  readonly region: Region;
  readonly playing: boolean;
}

export interface Refresh {
  /** Call this when something visible has changed. */
  wake(): void;
}

/** Sides of maps in pixels. During training the largest side that takes at most {@link ROUND_MS}; at rest the last. */
const SIDES = [32, 48, 64, 96, 128, 192] as const;
const ROUND_MS = 200;
/** Held-out loss, norms and residuals change slowly and are too expensive for every refresh. */
const SLOW_MS = 2500;
/** Two processors are often two threads of one core, which slow each other down. */
const REST = navigator.hardwareConcurrency <= 2 ? 7 : 2;
const SAMPLES = 1500;
const LINES = 17;
const POINTS_PER_LINE = 97;

/**
 * Sends the weights of the trainers to the viewer and its pictures to the page, again and again, as long as something
 * changes. All pictures of a model show the same weights. During training it rests {@link REST} times as long as it
 * works, which leaves the processor to the trainer.
 */
export const startRefresh = (input: () => RefreshInput | undefined, failed: (error: Error) => void): Refresh => {
  let news = true;
  let called: (() => void) | undefined;
  const wake = (): void => {
    news = true;
    called?.();
  };
  const shown = new Map<Slot, Shown>();

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

  const loop = async (): Promise<void> => {
    for (;;) {
      const now = document.hidden ? undefined : input();
      if (now === undefined || !news) {
        await rest(500);
        continue;
      }
      news = false;
      const start = performance.now();
      try {
        for (const trainer of now.trainers) await round(now, trainer, shown);
      } catch (error) {
        // A trainer or the viewer was just replaced: the replacement wakes this loop.
        failed(error as Error);
      }
      const took = performance.now() - start;
      news ||= now.playing || now.trainers.some(({ run }) => !isFine(shown.get(run.slot)));
      // A shorter rest when paused: the visitor has clicked.
      await rest(now.playing ? Math.max(60, REST * took) : 30);
    }
  };
  void loop();
  document.addEventListener('visibilitychange', wake);
  return { wake };
};

/** What was last shown of a model. */
interface Shown {
  /** Index into {@link SIDES}. */
  size: number;
  step: number;
  /** Time of the last slow measurement, in milliseconds. */
  slowAt: number;
  /** Training step of each slow measurement. */
  readonly measured: Record<'heldOut' | 'solves' | 'norms', number>;
}

const isFine = (shown: Shown | undefined): boolean => shown === undefined || shown.size === SIDES.length - 1;

const round = async (
  { viewer, view, region, playing }: RefreshInput,
  trainer: Trainer,
  all: Map<Slot, Shown>,
): Promise<void> => {
  const { run } = trainer;
  const { slot } = run;
  if (run.status.value === 'loading' || run.status.value === 'failed' || run.status.value === 'recovering') return;
  const weights = await trainer.checkpoint('weights');
  const { step } = await viewer.ask((v) => v.load(slot, weights));
  const shown = all.get(slot) ?? {
    size: 1,
    step: -1,
    slowAt: -Infinity,
    measured: { heldOut: -1, solves: -1, norms: -1 },
  };
  all.set(slot, shown);
  const { point } = view;
  // The path comes first: the visitor just clicked there.
  run.path.value = point === undefined ? undefined : await viewer.ask((v) => v.path(slot, point));
  if (view.stage === 'warp') {
    run.warp.value = await viewer.ask((v) => v.warp(slot, region, LINES, POINTS_PER_LINE));
    shown.size = SIDES.length - 1;
  } else {
    // At rest: first at the previous size, then finer until the largest.
    if (!playing && shown.step === step && run.map.value?.quantity === view.stage)
      shown.size = Math.min(shown.size + 1, SIDES.length - 1);
    const { stage: quantity } = view;
    const start = performance.now();
    run.map.value = await viewer.ask((v) => v.map(slot, { quantity, region, side: SIDES[shown.size]! }));
    const took = performance.now() - start;
    if (playing && took > ROUND_MS && shown.size > 0) shown.size -= 1;
    if (playing && took < ROUND_MS / 4 && shown.size < SIDES.length - 2) shown.size += 1;
  }
  if (view.showSamples) run.samples.value = await viewer.ask((v) => v.samples(slot, SAMPLES, 0));
  const due = (what: keyof Shown['measured']): boolean => {
    if (shown.measured[what] === step || (playing && performance.now() - shown.slowAt < SLOW_MS)) return false;
    shown.measured[what] = step;
    return true;
  };
  // All three are decided before the first is computed: they share one interval.
  const [heldOut, solves, norms] = [due('heldOut'), view.solves && due('solves'), view.norms && due('norms')];
  if (heldOut || solves || norms) shown.slowAt = performance.now();
  if (heldOut) takeHeldOut(run, await viewer.ask((v) => v.heldOut(slot)));
  if (solves) run.solves.value = await viewer.ask((v) => v.solves(slot));
  if (norms) run.norms.value = await viewer.ask((v) => v.norms(slot));
  shown.step = step;
};
