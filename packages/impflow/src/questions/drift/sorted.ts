/** Returns the number of sorted values that are below `value`. */
export const countBelow = (sorted: ArrayLike<number>, value: number): number =>
  countWhile(sorted, (entry) => entry < value);

/** Returns the number of sorted values that are at most `value`. */
export const countAtMost = (sorted: ArrayLike<number>, value: number): number =>
  countWhile(sorted, (entry) => entry <= value);

/** Returns the number of entries for which `holds` is true, if these entries come first. */
const countWhile = (sorted: ArrayLike<number>, holds: (entry: number) => boolean): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
};
