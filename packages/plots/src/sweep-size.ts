/** Sizes of the picture of a sweep, in units of two pixels: its width, the heights of its panels, and their margins. */
export const SWEEP = { width: 860, curves: 330, parameters: 330, left: 66, right: 92 } as const;
