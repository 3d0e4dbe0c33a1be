import { isFlowError, key } from '@impflow/core';
import { assertCategoryTree } from '@impflow/tables';
import { describe, expect, it } from 'vitest';
import { randomTree } from './trees.ts';

const tree = randomTree(key(1), [3, 2, 4], [-1, 0, 0]);
const problem = (value: unknown): string => {
  try {
    assertCategoryTree(value);
  } catch (error) {
    expect(isFlowError(error, 'input')).toBe(true);
    return (error as Error).message;
  }
  return 'none';
};

it('assertCategoryTree accepts a tree, its copy that was parsed from JSON, and a tree whose parents come after their children', () => {
  expect(problem(tree)).toBe('none');
  expect(problem(JSON.parse(JSON.stringify(tree)))).toBe('none');
  expect(problem(randomTree(key(1), [3, 2, 4], [1, 2, -1]))).toBe('none');
  const row = [0.5, 0.5 + 9e-7];
  expect(problem({ sizes: [2], parents: [-1], tables: [[row]] })).toBe('none');
});

describe('assertCategoryTree throws an error that describes what is wrong', () => {
  const [root, first, second] = tree.tables;
  it.each([
    ['nothing', null, /incomplete: expected arrays sizes, parents and tables, got null/],
    ['a number', 3, /got 3/],
    ['an object', { sizes: [2] }, /got an object with sizes/],
    ['no columns', { sizes: [], parents: [], tables: [] }, /incomplete/],
    ['a missing table', { ...tree, tables: [root, first] }, /got 3 sizes, 3 parents, 2 tables/],
    [
      'a size of 1',
      { ...tree, sizes: [3, 1, 4] },
      /Column 1 .* wrong size: expected an integer from 2 to 1048576, got 1/,
    ],
    ['a huge size', { ...tree, sizes: [3, 2, 1e9] }, /Column 2 .* wrong size/],
    ['a size of text', { ...tree, sizes: ['3', 2, 4] }, /Column 0 .* wrong size/],
    [
      'a parent outside',
      { ...tree, parents: [-1, 0, 3] },
      /Column 2 .* wrong parent: expected -1 or an index below 3, got 3/,
    ],
    ['a parent between', { ...tree, parents: [-1, 0.5, 0] }, /Column 1 .* wrong parent/],
    ['a cycle', { ...tree, parents: [-1, 2, 1] }, /cycle: expected parents that lead to a root, got \[-1,2,1\]/],
    ['its own parent', { ...tree, parents: [0, 0, 0] }, /cycle/],
    [
      'a row too few',
      { ...tree, tables: [root, first!.slice(1), second] },
      /Column 1 .* wrong table: expected 3 rows, got an array of 2/,
    ],
    [
      'a short row',
      { ...tree, tables: [root, [[1], ...first!.slice(1)], second] },
      /expected 2 probabilities in row 0/,
    ],
    [
      'a zero',
      { ...tree, tables: [root, [[0, 1], ...first!.slice(1)], second] },
      /expected probabilities from 1e-100 to 1 in row 0, got 0/,
    ],
    ['null', { ...tree, tables: [root, [[null, 1], ...first!.slice(1)], second] }, /got null/],
    ['a negative one', { ...tree, tables: [root, [[-0.5, 1.5], ...first!.slice(1)], second] }, /got -0.5/],
    [
      'a wrong sum',
      { ...tree, tables: [root, [[0.5, 0.625], ...first!.slice(1)], second] },
      /expected a sum of 1 in row 0, got 1.125/,
    ],
  ])('%s', (_, value, message) => {
    expect(problem(value)).toMatch(message);
  });
});
