import { isFlowError, key } from '@impflow/core';
import { treeConditional, treeLogProbs, treeMarginals } from '@impflow/tables';
import { describe, expect, it } from 'vitest';
import { agrees, cells, columnsOf, largestError, probability, randomTree } from './trees.ts';

const TREES = [
  ['one column', [4], [-1]],
  ['a chain', [3, 4, 2, 3], [-1, 0, 1, 2]],
  ['a chain with its root at the end', [3, 4, 2, 3], [1, 2, 3, -1]],
  ['a star', [3, 2, 4, 2], [2, 2, -1, 2]],
  ['a forest', [2, 3, 2, 3, 2], [-1, 0, -1, 2, 1]],
  ['independent columns', [3, 3, 3], [-1, -1, -1]],
] as const;

describe.each(TREES)('%s', (_, sizes, parents) => {
  const tree = randomTree(key(3), sizes, parents);
  const all = cells(sizes);
  const mass = (row: readonly number[]): number =>
    all.filter((cell) => agrees(row, cell)).reduce((sum, cell) => sum + probability(tree, cell), 0);
  // The rows contain every pattern of missing cells, with every combination of codes in the present cells.
  const partial = cells(sizes.map((size) => size + 1)).map((cell) => cell.map((code) => code - 1));

  it('treeLogProbs of complete rows is the log of a product of table entries, and probabilities add up to 1', () => {
    const logs = treeLogProbs(tree, columnsOf(all));
    expect(
      largestError(
        logs,
        all.map((cell) => Math.log(probability(tree, cell))),
      ),
    ).toBeLessThan(1e-12);
    expect(Math.abs(logs.reduce((sum, log) => sum + Math.exp(log), 0) - 1)).toBeLessThan(1e-12);
  });

  it('treeLogProbs sums over the codes of missing cells', () => {
    const logs = treeLogProbs(tree, columnsOf(partial));
    expect(largestError(logs.map(Math.exp), partial.map(mass))).toBeLessThan(1e-12);
    expect(logs[0]).toBe(0);
  });

  it('treeConditional and treeMarginals agree with sums over all combinations of codes', () => {
    const given = [0, sizes.length - 1];
    const logs = treeConditional(tree, columnsOf(partial), given);
    const marginals = treeMarginals(tree, columnsOf(partial));
    const condition = partial.map((row) => mass(row.map((code, j) => (given.includes(j) ? code : -1))));
    const whole = partial.map(mass);
    expect(
      largestError(
        logs.map(Math.exp),
        whole.map((one, i) => one / condition[i]!),
      ),
    ).toBeLessThan(1e-12);
    sizes.forEach((size, j) => {
      const expected = partial.flatMap((row, i) =>
        Array.from({ length: size }, (_, code) =>
          row[j]! >= 0 && row[j] !== code ? 0 : mass(row.with(j, code)) / whole[i]!,
        ),
      );
      expect(largestError(marginals[j]!, expected)).toBeLessThan(1e-12);
    });
  });
});

it('treeConditional equals treeLogProbs if there are no conditions, and is 0 if all targets are missing', () => {
  const tree = randomTree(key(4), [3, 2, 4], [-1, 0, 0]);
  const codes = columnsOf([
    [0, 1, 3],
    [2, -1, -1],
  ]);
  expect(treeConditional(tree, codes, [])).toEqual(treeLogProbs(tree, codes));
  expect(treeConditional(tree, codes, [0])[1]).toBe(0);
});

it('treeLogProbs is finite for 2,000 columns, of which some are missing', () => {
  const columns = 2000;
  const tree = randomTree(
    key(5),
    Array.from({ length: columns }, () => 3),
    Array.from({ length: columns }, (_, j) => (j === 0 ? -1 : Math.floor((j - 1) / 40))),
  );
  const row = Array.from({ length: columns }, (_, j) => (j < 60 ? -1 : j % 3));
  const [log] = treeLogProbs(tree, columnsOf([row]));
  expect(log).toBeLessThan(-1000);
  expect(log).toBeGreaterThan(-Infinity);
  // By the chain rule, the log-probability changes by the log of a marginal if one more cell is present.
  const [more] = treeLogProbs(tree, columnsOf([row.with(0, 1)]));
  expect(more! - log!).toBeCloseTo(Math.log(treeMarginals(tree, columnsOf([row]))[0]![1]!), 8);
});

it('treeLogProbs throws for codes and columns that do not fit the tree', () => {
  const tree = randomTree(key(4), [3, 2], [-1, 0]);
  const refused = (codes: readonly Int32Array[], code: 'shape' | 'option'): void =>
    expect(() => treeLogProbs(tree, codes)).toThrow(expect.toSatisfy((error) => isFlowError(error, code)));
  refused([Int32Array.of(0)], 'shape');
  refused([Int32Array.of(0), Int32Array.of(0, 1)], 'shape');
  refused([Int32Array.of(3), Int32Array.of(0)], 'option');
  refused([Int32Array.of(0), Int32Array.of(-2)], 'option');
  expect(() => treeConditional(tree, columnsOf([[0, 0]]), [2])).toThrow('Unknown column');
});
