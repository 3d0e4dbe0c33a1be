import { fold, type Key } from '@impflow/core';
import { fitMixture, mixtureLogProbs, type MixtureFit } from '@impflow/flows';
import {
  completeRows,
  coordinatesOfRecords,
  fitCategoryTree,
  isTargetCategory,
  layoutOf,
  normalShare,
  pickValues,
  treeLogProbs,
  type RecordsSpec,
  type Values,
} from '@impflow/tables';

/** Smallest number of rows of a half to which a density is fitted, beside ten rows for each column. */
const FEWEST = 30;
/** Number of components of the densities, if there are enough rows. */
const COMPONENTS = 4;
/** Rows for each component and column. */
const ROWS_EACH = 40;
/** Largest number of rows of a half. */
const MOST = 2500;
/** Number of EM steps from the common density to the density of one half. More steps would fit the noise of the rows. */
const STEPS = 2;

/**
 * Tests a likelihood ratio on halves. Two quick densities are fitted: one to a half of the new rows, one to a half of
 * the reference rows. Both start from one density of all rows. The logarithm of their ratio is then computed at the
 * rows of the other halves, and a rank test decides whether it is larger at the new rows. If both tables have one
 * distribution, the rows of the other halves are exchangeable given the fits, so the level does not depend on how good
 * the fits are. Then the halves are swapped, and the smaller p-value is doubled.
 *
 * @param reference Reference rows in random order. Rows with gaps are left out.
 * @param rows New rows in random order. Rows with gaps are left out.
 * @returns The p-value, or undefined for too few rows without gaps.
 * @see Wasserman, Ramdas, Balakrishnan, Universal Inference, 2020, for likelihood ratios on halves; Mann, Whitney, On a
 * Test of Whether one of Two Random Variables is Stochastically Larger than the Other, 1947, for the rank test.
 */
export const ratioPValue = (spec: RecordsSpec, reference: Values, rows: Values, key: Key): number | undefined => {
  const [old, fresh] = [reference, rows].map((values) => halvesOf(spec, values)) as [Halves, Halves];
  const dim = spec.flow.dim;
  if (Math.min(...[...old, ...fresh].map(({ count }) => count)) < Math.max(FEWEST, 10 * dim)) return undefined;
  const all = joined([...old, ...fresh]);
  const components = Math.max(1, Math.min(COMPONENTS, Math.floor(all.count / (ROWS_EACH * dim))));
  const common = mixtureOf(all.points, { dim, components, key: fold(key, 0), restarts: 1 });
  if (common === undefined) return undefined;
  const pValues = [0, 1].map((half) => {
    const scored = [old[1 - half]!, fresh[1 - half]!];
    const ratios = [old[half]!, fresh[half]!].map((fitted) => {
      const fit = mixtureOf(fitted.points, { dim, components, key: fold(key, 1), start: common, maxSteps: STEPS });
      return fit === undefined ? undefined : scored.map((part) => logDensities(fit, fitted, part, all));
    });
    const [ofOld, ofFresh] = ratios;
    if (ofOld === undefined || ofFresh === undefined) return 1;
    const [low, high] = [0, 1].map((i) => ofFresh[i]!.map((value, row) => value - ofOld[i]![row]!));
    return rankPValue(low!, high!);
  });
  return Math.min(1, 2 * Math.min(...pValues));
};

/** Rows without gaps: the coordinates of their numbers, and the codes of their categories. */
interface Half {
  readonly count: number;
  readonly points: Float64Array;
  readonly codes: readonly Int32Array[];
  readonly sizes: readonly number[];
}
type Halves = readonly [Half, Half];

const halvesOf = (spec: RecordsSpec, values: Values): Halves => {
  const complete = pickValues(values, completeRows(values, layoutOf(spec)).slice(0, 2 * MOST));
  const { values: coordinates } = coordinatesOfRecords(spec, complete);
  const dim = spec.flow.dim;
  const pointOf = (row: number): Float64Array => coordinates.subarray(row * dim, (row + 1) * dim);
  // A cell outside the bounds of its column has no finite coordinate. The log-densities of such rows shift.
  const inside = Uint32Array.from({ length: complete.rows }, (_, row) => row).filter((row) =>
    pointOf(row).every(Number.isFinite),
  );
  const middle = inside.length >> 1;
  const categories = spec.columns.flatMap((column, j) => (isTargetCategory(column) ? [{ column, j }] : []));
  return [inside.slice(0, middle), inside.slice(middle)].map((chosen) => ({
    count: chosen.length,
    points: Float64Array.from(Array.from(chosen).flatMap((row) => [...pointOf(row)])),
    codes: categories.map(({ j }) => Int32Array.from(chosen, (row) => complete.columns[j]![row]!)),
    sizes: categories.map(({ column }) => column.levels.length + 1),
  })) as unknown as Halves;
};

const joined = (parts: readonly Half[]): Half => ({
  count: parts.reduce((sum, { count }) => sum + count, 0),
  points: Float64Array.from(parts.flatMap(({ points }) => [...points])),
  codes: parts[0]!.codes.map((_, j) => Int32Array.from(parts.flatMap(({ codes }) => [...codes[j]!]))),
  sizes: parts[0]!.sizes,
});

/** Fits a mixture. Returns undefined if a column is constant over the rows. */
const mixtureOf = (
  points: Float64Array,
  options: Omit<Parameters<typeof fitMixture>[1], 'ridge'>,
): MixtureFit | undefined => {
  try {
    return fitMixture(points, { ...options, ridge: 1e-4, ...(options.components > 1 ? { pooling: 0.2 } : {}) });
  } catch (error) {
    if ((error as { code?: unknown }).code === 'input') return undefined;
    throw error;
  }
};

/** Returns the log-densities of rows under the densities that are fitted to the half `fitted`. */
const logDensities = (fit: MixtureFit, fitted: Half, { points, codes }: Half, all: Half): Float64Array => {
  const numbers = mixtureLogProbs(fit, points, TAIL);
  if (all.codes.length === 0) return numbers;
  const tree = fitCategoryTree(fitted.codes, all.sizes);
  const categories = treeLogProbs(tree, codes);
  return numbers.map((value, row) => value + categories[row]!);
};

/** A broad density that is mixed into both densities, so that the ratio is bounded at outliers. */
const TAIL = { weight: 0.02, scale: 3 };

/**
 * Returns the p-value of the hypothesis that `high` is not stochastically larger than `low`: the rank test of Mann and
 * Whitney, with the normal approximation, and with the correction for ties and for continuity.
 */
export const rankPValue = (low: ArrayLike<number>, high: ArrayLike<number>): number => {
  const [n, m] = [low.length, high.length];
  const all = [
    ...Array.from(low, (value) => ({ value, isHigh: 0 })),
    ...Array.from(high, (value) => ({ value, isHigh: 1 })),
  ];
  all.sort((a, b) => a.value - b.value);
  let [rankSum, ties] = [0, 0];
  for (let first = 0, next = 0; first < all.length; first = next) {
    while (next < all.length && all[next]!.value === all[first]!.value) next++;
    for (let i = first; i < next; i++) rankSum += all[i]!.isHigh * ((first + next + 1) / 2);
    ties += (next - first) ** 3 - (next - first);
  }
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  if (!(variance > 0)) return 1;
  return normalShare(-(rankSum - (m * (total + 1)) / 2 - 0.5) / Math.sqrt(variance));
};
