// The example of one implicit block on a line. The block maps x to the z that solves z + g_z(z) = x + g_x(x). Both
// functions are in closed form, so the page needs no worker for them.

/** Largest slope of the two gentle functions, below 1. */
const GENTLE = 0.9;
const WAVE = Math.PI;

/** The left side of the equation, `z + g_z(z)`: nearly flat in the middle. */
export const leftSide = (z: number): number => z - (GENTLE / WAVE) * Math.sin(WAVE * z);
/** The right side of the equation, `x + g_x(x)`: the height of the line. */
export const rightSide = (x: number): number => x + (GENTLE / WAVE) * Math.sin(WAVE * x);

export const leftSlope = (z: number): number => 1 - GENTLE * Math.cos(WAVE * z);
export const rightSlope = (x: number): number => 1 + GENTLE * Math.cos(WAVE * x);

/** Distance between the two sides at which the search ends. */
export const CLOSE = 1e-3;

/**
 * Returns the guesses of the search for z, from the first guess `x` to the root. The second guess moves by the distance
 * between the two sides; each later guess is where the straight line through the last two guesses reaches the height.
 */
export const searchFor = (x: number): readonly number[] => {
  const height = rightSide(x);
  const missing = (z: number): number => height - leftSide(z);
  const guesses = [x];
  let slope = 1;
  while (Math.abs(missing(guesses.at(-1)!)) > CLOSE) {
    const z = guesses.at(-1)!;
    const next = z + missing(z) / slope;
    slope = (leftSide(next) - leftSide(z)) / (next - z);
    guesses.push(next);
  }
  return guesses;
};

/** Returns the z that solves the equation for x, by bisection: the left side rises everywhere. */
export const rootFor = (x: number): number => {
  const height = rightSide(x);
  let [low, high] = [-4, 4];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (leftSide(middle) < height) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};
