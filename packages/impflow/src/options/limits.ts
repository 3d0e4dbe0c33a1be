/**
 * Largest sizes that an option or a file may ask for. The limits are far above sizes that can be trained. Values at
 * these limits do not exhaust the memory of a machine before the checks that follow.
 */
export const LIMITS: {
  readonly width: number;
  readonly layers: number;
  readonly blocks: number;
  readonly batch: number;
  readonly workers: number;
} = Object.freeze({
  /** Largest number of units of a layer. */
  width: 2 ** 20,
  layers: 2 ** 10,
  blocks: 10_000,
  batch: 2 ** 24,
  workers: 256,
});

/**
 * Largest number of values in a model or in a table of samples: a gigabyte in float32. Training needs several times
 * this memory.
 */
export const MOST_NUMBERS: number = 2 ** 28;
