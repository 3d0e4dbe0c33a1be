import type { WallRequest } from '../../protocol/wall.ts';

// The function that the blocks learn, and a lower bound on the error of a block. The function and the bound are
// computed without tensors, so that the page can draw both before any fit.

/** Parameters of the function: its largest slope, and the width of the steep part. */
export type Steepness = Pick<WallRequest, 'slope' | 'width'>;

/** Interval on which the function is learned. */
export const INTERVAL: readonly [number, number] = [-2, 2];
/** Slope of the function far from the steep part. */
export const FLAT = 0.1;
/** Width of the region in which the slope changes, relative to the width of the steep part. */
const BLEND = 0.4;
/** Number of dense layers of each net. The Lipschitz constant of a net is at most `coeff ** LAYERS`. */
export const LAYERS = 3;

/**
 * Returns a smooth, increasing, odd function. The slope of the function is `slope` at 0, and falls to {@link FLAT}
 * outside a steep part whose width is `width`.
 */
export const target = ({ slope, width }: Steepness): ((x: number) => number) => {
  const [half, blend] = [width / 2, BLEND * width];
  const rise = (((slope - FLAT) / Math.tanh(half / blend)) * blend) / 2;
  return (x) => FLAT * x + rise * (logCosh((x + half) / blend) - logCosh((x - half) / blend));
};

const logCosh = (a: number): number => Math.abs(a) + Math.log1p(Math.exp(-2 * Math.abs(a))) - Math.LN2;

/** Evenly spaced points of the interval, at which curves are drawn and errors are measured. */
export const GRID: Float32Array = Float32Array.from(
  { length: 401 },
  (_, i) => INTERVAL[0] + (i / 400) * (INTERVAL[1] - INTERVAL[0]),
);

/** Lower and upper bound on the slope of a block. */
export type Slopes = readonly [number, number];

/** Bounds on the slope of `x + g(x)`, where each layer of `g` has Lipschitz constant `coeff`. */
export const residualSlopes = (coeff: number): Slopes => [1 - coeff ** LAYERS, 1 + coeff ** LAYERS];

/**
 * Bounds on the slope of the solution `z(x)` of `z + g_z(z) = x + g_x(x)`. The slope of `z(x)` is the slope of `x +
 * g_x(x)` divided by the slope of `z + g_z(z)`.
 */
export const implicitSlopes = (coeff: number): Slopes => {
  const [least, largest] = residualSlopes(coeff);
  return [least / largest, largest / least];
};

/**
 * Returns the smallest maximum error on {@link GRID} with which a function with slopes between `least` and `largest`
 * can approximate the target. There is a function with such slopes that attains the returned error.
 *
 * @remarks Between two points `a < b`, a function with such slopes rises by at least `least (b - a)` and at most
 * `largest (b - a)`. If the rise of the target is outside these two limits, the error at one of the two points is at
 * least half of the excess. `bound` returns the maximum of half the excess over all pairs of points, computed in one
 * pass.
 */
export const bound = (steepness: Steepness, [least, largest]: Slopes): number => {
  const f = target(steepness);
  let [lowest, highest, worst] = [Infinity, -Infinity, 0];
  for (const x of GRID) {
    const [tooSteep, tooFlat] = [f(x) - largest * x, f(x) - least * x];
    lowest = Math.min(lowest, tooSteep);
    highest = Math.max(highest, tooFlat);
    worst = Math.max(worst, (tooSteep - lowest) / 2, (highest - tooFlat) / 2);
  }
  return worst;
};
