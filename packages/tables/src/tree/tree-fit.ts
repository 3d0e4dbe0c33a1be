import { FlowError, shown } from '@impflow/core';
import { assertCodes, MAX_CELLS, MAX_SIZE, type CategoryTree } from './category-tree.ts';

/** Options of {@link fitCategoryTree}. */
export interface TreeFitOptions {
  /**
   * Weight of each row, `[rows]`, not negative. A row of weight 2 counts as two rows, both in the tables and in the
   * decision about edges. If weights are not numbers of copies, scale them so that they add up to the effective number
   * of independent rows. Default: 1 for all rows.
   */
  readonly weights?: Float64Array;
  /** Weight of the prior in each row of a table, as a number of data rows from 1e-6 to 1e6. Default 1. */
  readonly smoothing?: number;
}

/**
 * Fits the joint probabilities of category columns. Among all forests, the fit chooses the forest with the largest
 * log-likelihood minus the penalty of the Bayesian information criterion. Let `a` and `b` be the numbers of different
 * codes that occur in two columns, and `n` the number of rows in which neither cell is missing. An edge between the
 * columns increases the objective by `n I - (a - 1) (b - 1) log(n) / 2`, where `I` is the mutual information of the
 * columns in these rows, in nats. An edge is left out if it does not increase the objective. The first column of each
 * connected component is its root.
 *
 * Tables are smoothed counts. Let `s` be the weight of the prior. The marginal of a column is `(count + s / size) / (n
 * + s)`. The table row for a parent's code is `(count + s marginal) / (n of this code + s)`. So every code, including
 * the code of unseen categories, has a positive probability in every row of a table. If a code of the parent does not
 * occur, its row of the table is the marginal.
 *
 * @param codes One array for each column, `[rows]`, with codes from 0 to `size - 1`, or -1 for a missing cell. The
 * counts of a column use every row in which the column is present. The counts of a pair of columns use every row in
 * which both columns are present.
 * @param sizes Number of codes of each column, from 2 to 2^20. The last code stands for unseen categories.
 * @returns Probabilities as JSON. A table has at most 2^22 probabilities: edges that need a larger table are left out.
 * @remarks Takes `O(columns^2 (rows + size^2))` time; pairs of columns whose edge would certainly be left out are
 * skipped.
 * @throws `shape` for arrays of unequal lengths, `option` for codes, sizes, weights or smoothing that are out of range.
 * @see Chow, Liu, Approximating discrete probability distributions with dependence trees, 1968.
 * @see Suzuki, A construction of Bayesian networks from databases based on an MDL principle, 1993, for the penalty.
 */
export const fitCategoryTree = (
  codes: readonly Int32Array[],
  sizes: readonly number[],
  { weights, smoothing = 1 }: TreeFitOptions = {},
): CategoryTree => {
  assertSizes(sizes);
  const rows = assertCodes(codes, sizes, AT);
  assertWeights(weights, rows);
  if (!(smoothing >= 1e-6 && smoothing <= 1e6)) throw wrong('smoothing', 'a number from 1e-6 to 1e6', smoothing);
  const counts = codes.map((column, j) => countsOf(column, sizes[j]!, weights));
  const marginals = counts.map((own) => smoothed(own, new Float64Array(own.length).fill(1 / own.length), smoothing));
  const occurring = counts.map((own) => own.filter((count) => count > 0).length);
  const total = (weights ?? new Float64Array(rows).fill(1)).reduce((sum, w) => sum + w, 0);
  const parents = rooted(sizes.length, edgesOf(codes, sizes, weights, occurring, total));
  return {
    sizes: [...sizes],
    parents,
    tables: parents.map((parent, j) => {
      if (parent < 0) return [[...marginals[j]!]];
      const joint = jointCounts(codes[parent]!, codes[j]!, sizes[parent]!, sizes[j]!, weights);
      return Array.from({ length: sizes[parent]! }, (_, code) => [
        ...smoothed(joint.subarray(code * sizes[j]!, (code + 1) * sizes[j]!), marginals[j]!, smoothing),
      ]);
    }),
  };
};

const AT = 'tables/fitCategoryTree';
const wrong = (what: string, expected: string, got: unknown): FlowError =>
  new FlowError('option', AT, `Wrong ${what}`, { expected, got: shown(got) });

const assertSizes = (sizes: readonly number[]): void => {
  if (sizes.length === 0) throw wrong('number of columns', 'at least one', 0);
  const size = sizes.find((one) => !(Number.isInteger(one) && one >= 2 && one <= MAX_SIZE));
  if (size !== undefined) throw wrong('size of a column', `an integer from 2 to ${MAX_SIZE}`, size);
};

const assertWeights = (weights: Float64Array | undefined, rows: number): void => {
  if (weights === undefined) return;
  if (weights.length !== rows) {
    throw new FlowError('shape', AT, 'Wrong number of weights', {
      expected: String(rows),
      got: String(weights.length),
    });
  }
  const weight = weights.find((one) => !(one >= 0 && one < Infinity));
  if (weight !== undefined) throw wrong('weight', 'a finite number that is not negative', weight);
};

const countsOf = (column: Int32Array, size: number, weights: Float64Array | undefined): Float64Array => {
  const counts = new Float64Array(size);
  column.forEach((code, i) => {
    if (code >= 0) counts[code]! += weights?.[i] ?? 1;
  });
  return counts;
};

/** Returns the total weight of each pair of codes, `[size of a][size of b]`, over the rows that have both codes. */
const jointCounts = (
  a: Int32Array,
  b: Int32Array,
  sizeA: number,
  sizeB: number,
  weights: Float64Array | undefined,
): Float64Array => {
  const counts = new Float64Array(sizeA * sizeB);
  for (let i = 0; i < a.length; i++) {
    if (a[i]! >= 0 && b[i]! >= 0) counts[a[i]! * sizeB + b[i]!]! += weights?.[i] ?? 1;
  }
  return counts;
};

/** Converts counts to probabilities, by adding `mass` times the prior to the counts. */
const smoothed = (counts: Float64Array, prior: Float64Array, mass: number): Float64Array => {
  const total = counts.reduce((sum, count) => sum + count, mass);
  return counts.map((count, k) => (count + mass * prior[k]!) / total);
};

interface Edge {
  readonly a: number;
  readonly b: number;
  /** Increase of the log-likelihood by the edge, in nats, minus the penalty for the edge. */
  readonly worth: number;
}

/**
 * Returns all edges with a positive `worth`, in descending order of `worth`. Edges with equal `worth` are in the order
 * of the columns.
 */
const edgesOf = (
  codes: readonly Int32Array[],
  sizes: readonly number[],
  weights: Float64Array | undefined,
  occurring: readonly number[],
  total: number,
): readonly Edge[] => {
  const edges: Edge[] = [];
  for (let a = 0; a < sizes.length; a++) {
    for (let b = a + 1; b < sizes.length; b++) {
      const freedom = (occurring[a]! - 1) * (occurring[b]! - 1);
      // The mutual information is at most the entropy of either column. `log(n) / n` decreases from n = 3 on. So if
      // `most` does not exceed the penalty for all rows, `worth` cannot be positive for a subset of the rows.
      const most = total * Math.log(Math.min(occurring[a]!, occurring[b]!));
      if (freedom <= 0 || most <= penalty(freedom, total) || sizes[a]! * sizes[b]! > MAX_CELLS) continue;
      const joint = jointCounts(codes[a]!, codes[b]!, sizes[a]!, sizes[b]!, weights);
      const { information, count } = informationOf(joint, sizes[a]!, sizes[b]!);
      const worth = information - penalty(freedom, count);
      if (worth > 0) edges.push({ a, b, worth });
    }
  }
  return edges.sort((one, other) => other.worth - one.worth);
};

/**
 * Returns the penalty for an edge. The penalty is half of the logarithm of the number of rows, times the number of free
 * parameters. Fewer than 3 rows count as 3 rows, because the bound in `edgesOf` is valid only from 3 rows on.
 */
const penalty = (freedom: number, count: number): number => 0.5 * freedom * Math.log(Math.max(count, 3));

/**
 * Returns the mutual information of two columns times the number of rows, in nats, and the number of rows. `joint`
 * contains the counts of pairs of codes.
 */
const informationOf = (
  joint: Float64Array,
  sizeA: number,
  sizeB: number,
): { readonly information: number; readonly count: number } => {
  const ofA = new Float64Array(sizeA);
  const ofB = new Float64Array(sizeB);
  joint.forEach((count, at) => {
    ofA[Math.floor(at / sizeB)]! += count;
    ofB[at % sizeB]! += count;
  });
  const count = ofA.reduce((sum, one) => sum + one, 0);
  let information = 0;
  joint.forEach((pair, at) => {
    if (pair > 0) information += pair * Math.log((pair / ofA[Math.floor(at / sizeB)]!) * (count / ofB[at % sizeB]!));
  });
  return { information, count };
};

/**
 * Returns Kruskal's maximum spanning forest, as the parents of the columns. The first column of each component is its
 * root.
 */
const rooted = (columns: number, edges: readonly Edge[]): readonly number[] => {
  const component = Array.from({ length: columns }, (_, j) => j);
  const neighbors = component.map((): number[] => []);
  for (const { a, b } of edges) {
    const [kept, gone] = [component[a]!, component[b]!];
    if (kept === gone) continue;
    component.forEach((one, j) => {
      if (one === gone) component[j] = kept;
    });
    neighbors[a]!.push(b);
    neighbors[b]!.push(a);
  }
  const parents: (number | undefined)[] = component.map(() => undefined);
  for (let root = 0; root < columns; root++) {
    if (parents[root] !== undefined) continue;
    parents[root] = -1;
    const reached = [root];
    for (const column of reached) {
      for (const next of neighbors[column]!) {
        if (parents[next] !== undefined) continue;
        parents[next] = column;
        reached.push(next);
      }
    }
  }
  return parents as readonly number[];
};
