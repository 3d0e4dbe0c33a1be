/**
 * Converts a float64 number to a string. If float32 represents a fraction exactly, the shortest digits of the float32
 * are written. All digits of the float64 are written for whole numbers and all other fractions.
 */
export const numberText = (value: number): string =>
  Math.fround(value) === value && !Number.isInteger(value) ? shortest(value) : String(value);

const shortest = (value: number): string => {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(Number(value.toPrecision(9)));
};
