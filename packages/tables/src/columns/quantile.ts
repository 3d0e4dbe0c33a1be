/**
 * Returns the value below which the fraction `share` of the sorted values lies, by linear interpolation. Returns NaN
 * for an empty list.
 */
export const quantileOf = (sorted: ArrayLike<number>, share: number): number => {
  if (sorted.length === 0) return NaN;
  const at = share * (sorted.length - 1);
  const [low, part] = [Math.floor(at), at - Math.floor(at)];
  return part === 0 ? sorted[low]! : sorted[low]! * (1 - part) + sorted[low + 1]! * part;
};

/**
 * Returns the median of sorted values. The median is always one of the values, so that it lies on the grid of the
 * values. Returns NaN if there are no values.
 */
export const medianOf = (sorted: ArrayLike<number>): number => sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
