/**
 * Largest sizes that an option or a file may ask for. They are far above the sizes that can be trained, and far below
 * the sizes that exhaust a machine before other checks run.
 */
export const LIMITS: {
  readonly width: number;
  readonly layers: number;
  readonly blocks: number;
  readonly batch: number;
  readonly workers: number;
} = Object.freeze({
  /** Units of a layer. */
  width: 2 ** 20,
  layers: 2 ** 10,
  blocks: 10_000,
  batch: 2 ** 24,
  workers: 256,
});

/** Most numbers of a model or of a table of samples: a gigabyte. Training takes several times as much memory. */
export const MOST_NUMBERS: number = 2 ** 28;
