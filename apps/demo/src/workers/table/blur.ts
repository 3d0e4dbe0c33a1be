/** Smallest and largest standard deviation of the smoothing, in cells of the grid. */
const WIDTHS = [0.7, 5] as const;
/** The table may consist of several groups, for which the rule for one group is too wide. */
const NARROWER = 0.6;

/**
 * Smooths a grid `[height, width]` by a normal kernel along the axes for which `along` is true. The width of the kernel
 * follows Scott's rule for two dimensions, the standard deviation of the draws times `draws ** (-1 / 6)`, times 0.6.
 *
 * @see Scott, Multivariate density estimation, 1992.
 */
export const blurred = (
  grid: Float32Array,
  [width, height]: readonly [number, number],
  along: readonly [boolean, boolean],
  draws: number,
): Float32Array => {
  const across = along[0] ? pass(grid, { length: width, step: 1, lines: height, stride: width }, draws) : grid;
  return along[1] ? pass(across, { length: height, step: width, lines: width, stride: 1 }, draws) : across;
};

/** The lines of a grid in one direction: `length` cells that are `step` apart, in `lines` lines that are `stride` apart. */
interface Lines {
  readonly length: number;
  readonly step: number;
  readonly lines: number;
  readonly stride: number;
}

const pass = (grid: Float32Array, { length, step, lines, stride }: Lines, draws: number): Float32Array => {
  const out = new Float32Array(grid.length);
  const marginal = Array.from({ length }, (_, i) => {
    let sum = 0;
    for (let line = 0; line < lines; line++) sum += grid[line * stride + i * step]!;
    return sum;
  });
  const kernel = kernelOf(NARROWER * deviation(marginal) * draws ** (-1 / 6));
  const reach = (kernel.length - 1) / 2;
  for (let line = 0; line < lines; line++)
    for (let i = 0; i < length; i++) {
      const value = grid[line * stride + i * step]!;
      if (value === 0) continue;
      for (let k = -reach; k <= reach; k++) {
        const to = i + k;
        if (to >= 0 && to < length) out[line * stride + to * step]! += value * kernel[k + reach]!;
      }
    }
  return out;
};

const deviation = (weights: readonly number[]): number => {
  const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  const mean = weights.reduce((sum, weight, i) => sum + weight * i, 0) / total;
  return Math.sqrt(weights.reduce((sum, weight, i) => sum + weight * (i - mean) ** 2, 0) / total);
};

const kernelOf = (wanted: number): readonly number[] => {
  const width = Math.max(WIDTHS[0], Math.min(WIDTHS[1], wanted));
  const reach = Math.ceil(3 * width);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-0.5 * ((i - reach) / width) ** 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
};
