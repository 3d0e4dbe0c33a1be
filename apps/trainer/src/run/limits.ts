/**
 * The largest sizes that an option or a file may ask for, by the names of the settings. Far above what can be trained, and far below what brings a machine down before anything else can be checked. What they
 * come to together is limited by `assertAffordable` and `assertHeld`.
 */
export const LIMITS: Readonly<Record<'width' | 'layers' | 'kernel' | 'blocks' | 'scales' | 'crop' | 'batch' | 'workers', number>> = Object.freeze({
  /** Layers of a net, or channels. */
  width: 2 ** 20, layers: 2 ** 10, kernel: 999,
  blocks: 10_000, scales: 30, crop: 10_000,
  batch: 2 ** 24, workers: 256,
});

/** Numbers that a model, or a table of samples, may have: a gigabyte. Training takes some times as many. */
export const MOST_NUMBERS: number = 2 ** 28;
/** Numbers of a table as text, which is made in one piece: of CSV, and of JSON, where each takes more room. */
export const MOST_TEXT: number = 30_000_000;
export const MOST_JSON: number = 10_000_000;
