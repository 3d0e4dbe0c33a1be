/**
 * Sizes in the picture of a sweep, in units of two pixels: the width of the picture and of the panel of ranks, the
 * heights of the panels, and the margins of the panels.
 */
export const SWEEP = {
  width: 860,
  ranks: 280,
  curves: 330,
  parameters: 330,
  left: 66,
  right: 92,
  top: 8,
  bottom: 42,
} as const;
