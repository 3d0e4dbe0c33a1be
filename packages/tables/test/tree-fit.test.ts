import { fold, isFlowError, key, uniforms } from '@impflow/core';
import {
  assertCategoryTree,
  drawCategories,
  fitCategoryTree,
  treeLogProbs,
  type CategoryTree,
  type TreeFitOptions,
} from '@impflow/tables';
import { describe, expect, it } from 'vitest';
import { largestError, randomTree } from './trees.ts';
import { coded, vega } from './vega.ts';

const edges = ({ parents }: CategoryTree): readonly string[] =>
  parents.flatMap((parent, j) => (parent < 0 ? [] : [[parent, j].sort((a, b) => a - b).join('-')])).sort();
const sample = (tree: CategoryTree, rows: number, seed: number): Int32Array[] =>
  drawCategories(
    tree,
    tree.sizes.map(() => new Int32Array(rows).fill(-1)),
    key(seed),
  );
const independent = (codes: readonly Int32Array[], sizes: readonly number[]): CategoryTree => {
  const single = codes.map((column, j) => fitCategoryTree([column], [sizes[j]!]));
  return { sizes, parents: sizes.map(() => -1), tables: single.map((one) => one.tables[0]!) };
};
/** Returns the largest difference between the probabilities of two trees with the same edges. */
const apart = (a: CategoryTree, b: CategoryTree): number =>
  String(a.parents) === String(b.parents) ? largestError(a.tables.flat(2), b.tables.flat(2)) : Infinity;

/** Returns the entropy of a list of strings, in nats, times the number of strings. */
const entropy = (texts: readonly string[]): number => {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - count * Math.log(count / texts.length), 0);
};

/** Returns the increase of the objective by an edge between two columns, computed from entropies. */
const worth = (a: readonly (string | number | null)[], b: readonly (string | number | null)[]): number => {
  const levels = (column: readonly unknown[]): number => new Set(column.filter((cell) => cell !== null)).size;
  const both = a.map((_, i) => i).filter((i) => a[i] !== null && b[i] !== null);
  const [left, right] = [both.map((i) => String(a[i])), both.map((i) => String(b[i]))];
  const information = entropy(left) + entropy(right) - entropy(left.map((text, i) => JSON.stringify([text, right[i]])));
  return information - 0.5 * (levels(a) - 1) * (levels(b) - 1) * Math.log(both.length);
};

describe('tables of fitCategoryTree', () => {
  it('the tables of a tree are smoothed counts, so that every code has a positive probability', () => {
    const codes = [Int32Array.of(0, 0, 0, 1, -1), Int32Array.of(0, 1, -1, 0, 1)];
    const tree = fitCategoryTree(codes, [3, 3], { smoothing: 2 });
    expect(tree.parents).toEqual([-1, -1]);
    expect(tree.tables[0]![0]).toEqual([(3 + 2 / 3) / 6, (1 + 2 / 3) / 6, 2 / 3 / 6]);
    expect(tree.tables[1]![0]).toEqual([(2 + 2 / 3) / 6, (2 + 2 / 3) / 6, 2 / 3 / 6]);
  });

  it('the table of a child column is smoothed towards the marginal of the column', () => {
    const codes = Int32Array.from({ length: 40 }, (_, i) => (i % 4 === 3 ? 1 : 0));
    const tree = fitCategoryTree([codes, codes], [3, 3]);
    expect(tree.parents).toEqual([-1, 0]);
    const marginal = [30 + 1 / 3, 10 + 1 / 3, 1 / 3].map((count) => count / 41);
    const expected = [30, 10, 0].map((n, row) => marginal.map((m, k) => ((k === row ? n : 0) + m) / (n + 1)));
    expect(largestError(tree.tables[1]!.flat(), expected.flat())).toBeLessThan(1e-15);
  });

  it('trees from few rows and with any smoothing pass assertCategoryTree, also after conversion to JSON and back', () => {
    const known = randomTree(key(1), [3, 5, 4], [-1, 0, 1]);
    for (const rows of [0, 1, 2, 5, 300]) {
      for (const smoothing of [1e-6, 1, 1e6]) {
        const tree = fitCategoryTree(sample(known, rows, 2), known.sizes, { smoothing });
        assertCategoryTree(tree);
        expect(JSON.parse(JSON.stringify(tree))).toEqual(tree);
      }
    }
  });

  it('if a column is missing in all rows, its table is the prior', () => {
    const tree = fitCategoryTree([new Int32Array(9).fill(-1)], [4]);
    expect(tree.tables).toEqual([[[0.25, 0.25, 0.25, 0.25]]]);
  });
});

describe('edges of fitCategoryTree', () => {
  it('the edges of a known tree are recovered from its samples', () => {
    const sizes = [3, 4, 3, 5, 4, 3];
    const parents = [2, 0, -1, 0, 3, -1];
    // With a probability of at least one half, the code of a child is the smaller of two codes: the code of its parent,
    // and the second-to-last code of the child.
    const known: CategoryTree = {
      sizes,
      parents,
      tables: parents.map((parent, j) =>
        Array.from({ length: parent < 0 ? 1 : sizes[parent]! }, (_, code) =>
          Array.from(
            { length: sizes[j]! },
            (_, k) => 0.5 / sizes[j]! + (k === Math.min(code, sizes[j]! - 2) ? 0.5 : 0),
          ),
        ),
      ),
    };
    for (let seed = 0; seed < 20; seed++) {
      const fitted = fitCategoryTree(sample(known, 5000, seed), sizes);
      expect(edges(fitted)).toEqual(edges(known));
      expect(fitted.parents[0]).toBe(-1);
    }
  });

  it('an edge between independent columns is rarely found', () => {
    // For two columns of two categories and 1,000 rows, an edge is found if chi-square with one degree of freedom
    // exceeds log(1000) = 6.9, which has probability 0.0086. Among 600 pairs, 5.2 edges are found on average. The
    // probability of 17 or more edges is 2e-5 (Poisson).
    let found = 0;
    for (let seed = 0; seed < 100; seed++) {
      const codes = Array.from({ length: 4 }, (_, j) =>
        Int32Array.from(uniforms(fold(key(seed), j), 1000), (u) => (u < 0.4 ? 1 : 0)),
      );
      found += edges(fitCategoryTree(codes, [3, 3, 3, 3])).length;
    }
    expect(found).toBeLessThan(17);
    expect(found).toBeGreaterThan(0);
  });

  it('a column with a different category in each row gets no edge', () => {
    const rows = 400;
    const identifier = Int32Array.from({ length: rows }, (_, i) => i);
    const other = Int32Array.from({ length: rows }, (_, i) => i % 3);
    expect(fitCategoryTree([identifier, other], [rows + 1, 4]).parents).toEqual([-1, -1]);
  });
});

describe('weights of fitCategoryTree', () => {
  const known = randomTree(key(21), [3, 4, 3], [-1, 0, 1]);
  const codes = sample(known, 500, 4);
  codes[1]![7] = -1;
  const weights = Float64Array.from(uniforms(key(22), 500), (u) => Math.floor(4 * u));

  it('integer weights give the tree of correspondingly repeated rows', () => {
    const copies = codes.map((column) =>
      Int32Array.from([...column].flatMap((code, i) => Array.from({ length: weights[i]! }, () => code))),
    );
    expect(copies[0]!.length).toBeGreaterThan(600);
    expect(apart(fitCategoryTree(codes, known.sizes, { weights }), fitCategoryTree(copies, known.sizes))).toBeLessThan(
      1e-13,
    );
  });

  it('weights of 1 give the tree without weights', () => {
    const ones = new Float64Array(500).fill(1);
    expect(fitCategoryTree(codes, known.sizes, { weights: ones })).toEqual(fitCategoryTree(codes, known.sizes));
  });
});

describe('fitCategoryTree for public data sets', () => {
  const penguins = vega('penguins.json');
  const cars = vega('cars.json');
  const columnsOf = (records: typeof cars, names: readonly string[]): (string | number | null)[][] =>
    names.map((name) => records.map((record) => record[name]!));

  it.each([
    ['penguins', columnsOf(penguins, ['Species', 'Island', 'Sex']), ['0-1']],
    ['cars', columnsOf(cars, ['Origin', 'Cylinders', 'Year']), ['0-1']],
  ])('the forest for %s is the best of all forests, by an independent computation', (_, columns, expected) => {
    const fitted = fitCategoryTree(
      columns.map((column) => coded(column).codes),
      columns.map((column) => coded(column).levels.length + 1),
    );
    const pairs = [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const;
    const worths = pairs.map(([a, b]) => worth(columns[a]!, columns[b]!));
    const forests = [[], [0], [1], [2], [0, 1], [0, 2], [1, 2]];
    const value = (forest: readonly number[]): number => forest.reduce((sum, at) => sum + worths[at]!, 0);
    const best = forests.reduce((one, other) => (value(other) > value(one) ? other : one));
    expect(edges(fitted)).toEqual(best.map((at) => pairs[at]!.join('-')));
    expect(edges(fitted)).toEqual(expected);
  });

  it.each([
    ['penguins', columnsOf(penguins, ['Species', 'Island', 'Sex'])],
    ['cars', columnsOf(cars, ['Origin', 'Cylinders', 'Year'])],
  ])('held-out rows of %s have a larger likelihood under the tree than under independent columns', (_, columns) => {
    const codes = columns.map((column) => coded(column).codes);
    const sizes = columns.map((column) => coded(column).levels.length + 1);
    const half = (odd: number): Int32Array[] => codes.map((column) => column.filter((_, i) => i % 2 === odd));
    const held = half(1);
    const tree = treeLogProbs(fitCategoryTree(half(0), sizes), held);
    const alone = treeLogProbs(independent(half(0), sizes), held);
    const gains = [...tree].map((log, i) => log - alone[i]!);
    const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
    const spread = Math.sqrt(gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0)) / gains.length;
    expect(mean / spread).toBeGreaterThan(5);
    expect(mean).toBeGreaterThan(0.2);
  });

  it('the tree of penguins contains the frequencies of islands for each species', () => {
    const [species, island] = columnsOf(penguins, ['Species', 'Island']).map((column) => coded(column));
    const { tables } = fitCategoryTree([species!.codes, island!.codes], [4, 4]);
    const chinstrap = species!.levels.indexOf('Chinstrap');
    const dream = island!.levels.indexOf('Dream');
    // All 68 Chinstrap penguins live on the island Dream, where 124 of all 344 penguins live.
    expect(tables[1]![chinstrap]![dream]).toBeCloseTo((68 + (124 + 1 / 4) / 345) / 69, 14);
  });
});

it('fitCategoryTree throws for wrong sizes, smoothing and weights', () => {
  const codes = [Int32Array.of(0, 1)];
  const refused = (code: 'shape' | 'option', sizes: readonly number[], options?: TreeFitOptions): void =>
    expect(() => fitCategoryTree(codes, sizes, options)).toThrow(expect.toSatisfy((error) => isFlowError(error, code)));
  refused('option', []);
  refused('option', [1]);
  refused('option', [2.5]);
  refused('shape', [3, 3]);
  refused('option', [3], { smoothing: 0 });
  refused('option', [3], { smoothing: NaN });
  refused('shape', [3], { weights: Float64Array.of(1) });
  refused('option', [3], { weights: Float64Array.of(1, -1) });
  refused('option', [3], { weights: Float64Array.of(1, NaN) });
});
