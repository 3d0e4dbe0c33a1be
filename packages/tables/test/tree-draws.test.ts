import { forRows, fromRow, isFlowError, key } from '@impflow/core';
import { drawCategories, treeLogProbs } from '@impflow/tables';
import { describe, expect, it } from 'vitest';
import { agrees, cells, columnsOf, probability, randomTree } from './trees.ts';

const ROWS = 40_000;
const SIZES = [3, 4, 3, 3];
const tree = randomTree(key(7), SIZES, [1, -1, 1, 2]);
const repeated = (row: readonly number[], rows = ROWS): Int32Array[] =>
  row.map((code) => new Int32Array(rows).fill(code));

/**
 * Returns the upper 1e-6 quantile of the chi-square distribution with `freedom` degrees of freedom (Wilson and
 * Hilferty, 1931).
 */
const bound = (freedom: number): number => {
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + 4.7534 * Math.sqrt(spread)) ** 3;
};

/**
 * Returns the chi-square statistic of drawn combinations of codes against their probabilities, over all possible
 * combinations.
 */
const chiSquare = (drawn: readonly Int32Array[], possible: readonly (readonly number[])[]): number => {
  const rows = drawn[0]!.length;
  const total = possible.reduce((sum, cell) => sum + probability(tree, cell), 0);
  const counts = new Map(possible.map((cell) => [cell.join(), 0]));
  for (let i = 0; i < rows; i++) {
    const cell = drawn.map((column) => column[i]).join();
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  if (counts.size > possible.length) return Infinity;
  return possible.reduce((sum, cell) => {
    const expected = (rows * probability(tree, cell)) / total;
    return sum + (counts.get(cell.join())! - expected) ** 2 / expected;
  }, 0);
};

describe.each([
  ['nothing', [-1, -1, -1, -1]],
  ['a leaf', [1, -1, -1, -1]],
  ['the root', [-1, 2, -1, -1]],
  ['an inner column', [-1, -1, 0, -1]],
  ['both ends', [2, -1, -1, 1]],
  ['all but one', [2, 1, 0, -1]],
  ['an unseen category', [-1, 3, -1, 2]],
])('drawCategories given %s', (_, row) => {
  const fits = cells(SIZES).filter((cell) => agrees(row, cell));
  const seen = fits.filter((cell) => cell.every((code, j) => row[j]! >= 0 || code < SIZES[j]! - 1));

  // With a random seed, each check would fail with probability 1e-6.
  it('with the option `unseen`, draws have the exact probabilities of all categories, including unseen categories', () => {
    const drawn = drawCategories(tree, repeated(row), key(11), { unseen: true });
    expect(chiSquare(drawn, fits)).toBeLessThan(bound(fits.length - 1));
  });

  it('by default, draws have the probabilities under the condition that training saw all drawn categories', () => {
    expect(chiSquare(drawCategories(tree, repeated(row), key(12)), seen)).toBeLessThan(bound(seen.length - 1));
  });
});

it('draws of drawCategories depend only on the key and the row', () => {
  const codes = repeated([-1, -1, 1, -1], 60);
  const whole = drawCategories(tree, codes, key(5));
  const part = (from: number, to: number): Int32Array[] => codes.map((column) => column.slice(from, to));
  const expected = (from: number, to: number): Int32Array[] => whole.map((column) => column.slice(from, to));
  expect(drawCategories(tree, part(0, 7), key(5))).toEqual(expected(0, 7));
  expect(drawCategories(tree, part(20, 60), fromRow(key(5), 20))).toEqual(expected(20, 60));
  const names = [41, 3, 17];
  expect(drawCategories(tree, part(0, 3), forRows(key(5), names))).toEqual(
    whole.map((column) => Int32Array.from(names, (name) => column[name]!)),
  );
  expect(drawCategories(tree, codes, key(6))).not.toEqual(whole);
});

it('drawCategories keeps present codes, and does not change its input', () => {
  const codes = columnsOf([
    [2, 3, 1, 0],
    [-1, 3, -1, -1],
  ]);
  const drawn = drawCategories(tree, codes, key(1));
  expect(drawn.map((column) => column[0])).toEqual([2, 3, 1, 0]);
  expect(drawn[1]![1]).toBe(3);
  expect(codes[0]![1]).toBe(-1);
  expect(treeLogProbs(tree, drawn)[1]).toBeGreaterThan(-Infinity);
  expect(() => drawCategories(tree, codes.slice(1), key(1))).toThrow(
    expect.toSatisfy((error) => isFlowError(error, 'shape')),
  );
});
