// Chooses how detailed the pictures are, and the time between two updates of the pictures. All functions in this file
// are pure, and their inputs are measured times.

/** Sizes that determine how long one update of a model's pictures takes. */
interface Detail {
  /** Pixels along each side of a map. */
  readonly side: number;
  /** Number of held-out rows on which the loss is computed. */
  readonly rows: number;
}

/**
 * Levels of detail of the pictures, from coarse and fast to fine and slow. The last entry is used only while training
 * is paused.
 */
export const DETAILS: readonly Detail[] = [
  { side: 32, rows: 250 },
  { side: 32, rows: 500 },
  { side: 48, rows: 1000 },
  { side: 64, rows: 2000 },
  { side: 96, rows: 2000 },
  { side: 128, rows: 2000 },
  { side: 192, rows: 2000 },
];
export const FINEST: number = DETAILS.length - 1;
const FIRST = 2;

/**
 * Largest age of a visible picture, in milliseconds. The age is the time since the first training step that the picture
 * does not show.
 */
export const AGE_MS = 1000;
/** Duration of an update of all pictures, in milliseconds, above which the update counts as slow. */
const ROUND_MS = 300;

/** Settings of the picture updates that are adapted to the speed of the machine. */
export interface Pace {
  /** Index into {@link DETAILS}. */
  readonly detail: number;
  /** Whether training pauses during an update. */
  readonly yielding: boolean;
}

export const firstPace: Pace = { detail: FIRST, yielding: false };

/**
 * Returns the settings for the next update of the pictures, given the duration of the last update. `tookMs` is the
 * duration of the update without the time spent waiting for the weights. If updates are slow, the pictures get coarser.
 * If the coarsest pictures are still too slow, training pauses during updates.
 */
export const paced = ({ detail, yielding }: Pace, tookMs: number): Pace => {
  const slow = tookMs > ROUND_MS;
  const quick = tookMs < ROUND_MS / 4;
  return {
    detail: slow ? Math.max(0, detail - 1) : quick ? Math.min(FINEST - 1, detail + 1) : Math.min(FINEST - 1, detail),
    yielding:
      (slow && detail === 0) || (tookMs > 2 * ROUND_MS && detail <= FIRST) || (yielding && tookMs > ROUND_MS / 2),
  };
};

/**
 * Returns the milliseconds to wait between two updates. The last update took `tookMs`, of which `waitedMs` were spent
 * waiting for the weights. The result is `share` times `tookMs - waitedMs`, so that the updates of the pictures use
 * only a small share of the processor time during training. The result is smaller if the next picture would otherwise
 * be older than {@link AGE_MS}. When a picture appears, its weights are `tookMs - waitedMs` old. The picture stays on
 * the screen during the wait and during the next update. The next update is assumed to take `tookMs`, like the last
 * update.
 */
export const restAfter = (tookMs: number, waitedMs: number, share: number): number =>
  Math.max(LEAST_REST_MS, Math.min(share * (tookMs - waitedMs), AGE_MS - MARGIN_MS - (2 * tookMs - waitedMs)));
const LEAST_REST_MS = 30;
/**
 * Milliseconds reserved for drawing the picture, and for a training step that is running when the weights are
 * requested.
 */
const MARGIN_MS = 150;
