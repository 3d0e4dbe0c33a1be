/**
 * Sizes in the picture of a sweep, in units of two pixels: the width of the picture, the heights of the panels, and the
 * margins of the panels.
 */
export const SWEEP = { width: 860, curves: 330, parameters: 330, left: 66, right: 92 } as const;
