import type { WallRequest } from '../../protocol/wall.ts';

// The function to be learnt, and how near a block can come to it: plain numbers, which the page draws before anything is fitted.

/** What the function is made of: its largest slope, and how wide the part is where it is steep. */
export type Steepness = Pick<WallRequest, 'slope' | 'width'>;

/** Where the function is learnt. */
export const INTERVAL: readonly [number, number] = [-2, 2];
/** Slope far from the steep part. */
export const FLAT = 0.1;
/** How gradually the slope changes, in widths of the steep part. */
const BLEND = 0.4;
/** Dense layers of a net, and so the power of the coefficient that bounds its slope. */
export const LAYERS = 3;

/** A smooth, increasing, odd function: its slope is `slope` at 0 and falls to {@link FLAT} outside a steep part of that width. */
export const target = ({ slope, width }: Steepness): ((x: number) => number) => {
  const [half, blend] = [width / 2, BLEND * width];
  const rise = (slope - FLAT) / Math.tanh(half / blend) * blend / 2;
  return (x) => FLAT * x + rise * (logCosh((x + half) / blend) - logCosh((x - half) / blend));
};

const logCosh = (a: number): number => Math.abs(a) + Math.log1p(Math.exp(-2 * Math.abs(a))) - Math.LN2;

/** The points at which curves are drawn and errors measured, from one end of the interval to the other. */
export const GRID: Float32Array = Float32Array.from({ length: 401 }, (_, i) => INTERVAL[0] + i / 400 * (INTERVAL[1] - INTERVAL[0]));

/** Least and largest slope of a block. */
export type Slopes = readonly [number, number];

/** Of `x + g(x)`, where each layer of `g` stretches by at most `coeff`. */
export const residualSlopes = (coeff: number): Slopes => [1 - coeff ** LAYERS, 1 + coeff ** LAYERS];

/** Of the `z` with `z + g_z(z) = x + g_x(x)`: a slope of a residual block over another. */
export const implicitSlopes = (coeff: number): Slopes => {
  const [least, largest] = residualSlopes(coeff);
  return [least / largest, largest / least];
};

/**
 * What the largest error on {@link GRID} is at best, for functions whose slopes lie between `least` and `largest`: none gets below it, and one attains it.
 *
 * @remarks Between two points `a < b` such a function rises by `least (b - a)` to `largest (b - a)`. Where the target rises by more or by less, it misses the target at
 * one of the two by half of the difference or more. This is the largest such half over all pairs of points, in one pass.
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
