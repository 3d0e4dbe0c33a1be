// The detail of the pictures, and the rest between two updates of the pictures: pure functions of measured times.

/** Effort of one update of a model's pictures. */
interface Detail {
  /** Pixels along each side of a map. */
  readonly side: number;
  /** Held-out rows on which the model is judged. */
  readonly rows: number;
}

/**
 * From coarse and quick to fine and slow. At rest the pictures reach the last entry; during training at most the second
 * to last.
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
 * Largest age of a visible picture, in milliseconds: the time since the model got newer weights than the picture shows.
 */
export const AGE_MS = 1000;
/** Time that an update of all pictures may take, in milliseconds. */
const ROUND_MS = 300;

/** The settings that the loop adapts to the machine. */
export interface Pace {
  /** Index into {@link DETAILS}. */
  readonly detail: number;
  /** Whether the trainers make no steps during an update. */
  readonly yielding: boolean;
}

export const firstPace: Pace = { detail: FIRST, yielding: false };

/**
 * The pace after an update that took `tookMs` during training, without the time spent waiting for the weights. First
 * the pictures get coarser. If that is not enough, training pauses during updates.
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
 * Milliseconds to rest after an update that took `tookMs`, including `waitedMs` of waiting for the weights. The rest is
 * `share` times as long as the work, so that updates take little processor time from training. It is shorter if the
 * next picture would otherwise come too late. When a picture appears, its weights are `tookMs - waitedMs` old. The
 * picture stays on the screen during the rest and the next update, which takes `tookMs` again.
 */
export const restAfter = (tookMs: number, waitedMs: number, share: number): number =>
  Math.max(LEAST_REST_MS, Math.min(share * (tookMs - waitedMs), AGE_MS - MARGIN_MS - (2 * tookMs - waitedMs)));
const LEAST_REST_MS = 30;
/** Time reserved for the step that is running when the weights are requested, and for drawing. */
const MARGIN_MS = 150;
