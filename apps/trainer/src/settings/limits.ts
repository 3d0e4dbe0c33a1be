/**
 * Largest sizes that an option or a file may contain. The limits are far above the sizes that can be trained, and far
 * below the sizes that would exhaust the memory before other checks run. `assertSpecSize` and `assertSpecFitsFile`
 * limit combinations of sizes.
 */
export const LIMITS: Readonly<
  Record<'width' | 'layers' | 'kernel' | 'blocks' | 'scales' | 'crop' | 'batch' | 'workers' | 'servedRows', number>
> = Object.freeze({
  /** `width`: units of a dense layer, or channels of a convolution. */
  width: 2 ** 20,
  layers: 2 ** 10,
  kernel: 999,
  blocks: 10_000,
  scales: 30,
  crop: 10_000,
  batch: 2 ** 24,
  workers: 256,
  /** `servedRows`: maximum number of rows of one request to a server. */
  servedRows: 1_000_000,
});

/**
 * Maximum count of numbers in a model or a table of samples. This count of float32 numbers takes a gigabyte. Training
 * needs several times as much memory.
 */
export const MOST_NUMBERS: number = 2 ** 28;
/** Maximum count of numbers in a table as CSV, whose whole text is built in memory. */
export const MOST_TEXT: number = 30_000_000;
/** Maximum count of numbers in a table as JSON, which takes more memory than CSV. */
export const MOST_JSON: number = 10_000_000;
