import type { WallRequest } from '../../protocol/wall.ts';

// The function to be learned, and the error that a block cannot go below. Plain numbers, which the page draws before
// any fit.

/** Parameters of the function: its largest slope, and the width of the steep part. */
export type Steepness = Pick<WallRequest, 'slope' | 'width'>;

/** Interval on which the function is learned. */
export const INTERVAL: readonly [number, number] = [-2, 2];
/** Slope far from the steep part. */
export const FLAT = 0.1;
/** Width of the transition of the slope, in widths of the steep part. */
const BLEND = 0.4;
/** Number of dense layers of a net: the power of the coefficient that bounds its slope. */
export const LAYERS = 3;

/**
 * A smooth, increasing, odd function: its slope is `slope` at 0 and falls to {@link FLAT} outside a steep part of that
 * width.
 */
export const target = ({ slope, width }: Steepness): ((x: number) => number) => {
  const [half, blend] = [width / 2, BLEND * width];
  const rise = (((slope - FLAT) / Math.tanh(half / blend)) * blend) / 2;
  return (x) => FLAT * x + rise * (logCosh((x + half) / blend) - logCosh((x - half) / blend));
};

const logCosh = (a: number): number => Math.abs(a) + Math.log1p(Math.exp(-2 * Math.abs(a))) - Math.LN2;

/** The points at which curves are drawn and errors are measured, over the whole interval. */
export const GRID: Float32Array = Float32Array.from(
  { length: 401 },
  (_, i) => INTERVAL[0] + (i / 400) * (INTERVAL[1] - INTERVAL[0]),
);

/** Smallest and largest slope of a block. */
export type Slopes = readonly [number, number];

/** Slopes of `x + g(x)`, where each layer of `g` has Lipschitz constant `coeff`. */
export const residualSlopes = (coeff: number): Slopes => [1 - coeff ** LAYERS, 1 + coeff ** LAYERS];

/** Slopes of the `z` with `z + g_z(z) = x + g_x(x)`: the quotient of two slopes of residual blocks. */
export const implicitSlopes = (coeff: number): Slopes => {
  const [least, largest] = residualSlopes(coeff);
  return [least / largest, largest / least];
};

/**
 * The smallest possible largest error on {@link GRID} of a function whose slopes lie between `least` and `largest`: no
 * such function has a smaller error, and one function attains it.
 *
 * @remarks Between two points `a < b` such a function rises by `least (b - a)` to `largest (b - a)`. If the target
 * rises by more or by less, the error at one of the two points is at least half of the difference. This is the largest
 * such half over all pairs of points, in one pass.
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
