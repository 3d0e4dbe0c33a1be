/** The value below which a share of sorted values lies, by linear interpolation. NaN for none. */
export const quantileOf = (sorted: ArrayLike<number>, share: number): number => {
  if (sorted.length === 0) return NaN;
  const at = share * (sorted.length - 1);
  const [low, part] = [Math.floor(at), at - Math.floor(at)];
  return part === 0 ? sorted[low]! : sorted[low]! * (1 - part) + sorted[low + 1]! * part;
};

/** The median of sorted values: one of them, so that a value on a grid stays on it. NaN for none. */
export const medianOf = (sorted: ArrayLike<number>): number => sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
