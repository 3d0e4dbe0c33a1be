import { key, type FlowError } from '@impflow/core';
import { splitRows } from '@impflow/tables';
import { describe, expect, it } from 'vitest';

const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return `${(error as FlowError).code} ${(error as FlowError).message}`;
  }
  return 'no error';
};

describe('splitRows', () => {
  it('splitRows puts every row into exactly one of the three lists, depending on the key', () => {
    const fractions = { validation: 0.1, test: 0.25 };
    const parts = splitRows(1001, { key: key(1), fractions });
    expect([parts.validation.length, parts.test.length, parts.train.length]).toEqual([100, 250, 651]);
    expect([...parts.train, ...parts.validation, ...parts.test].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1001 }, (_, i) => i),
    );
    expect(splitRows(1001, { key: key(1), fractions })).toEqual(parts);
    expect(splitRows(1001, { key: key(2), fractions })).not.toEqual(parts);
  });

  it('splitRows returns at least one row for every positive fraction', () => {
    const sizes = (rows: number, validation: number, test: number): number[] => {
      const parts = splitRows(rows, { key: key(3), fractions: { validation, test } });
      return [parts.train.length, parts.validation.length, parts.test.length];
    };
    expect(sizes(3, 0.01, 0.01)).toEqual([1, 1, 1]);
    expect(sizes(2, 0.01, 0)).toEqual([1, 1, 0]);
    expect(sizes(5, 0, 0)).toEqual([5, 0, 0]);
  });

  it('splitRows throws an error that describes wrong fractions and too few rows', () => {
    const split = (rows: number, validation: number, test: number) => () =>
      splitRows(rows, { key: key(0), fractions: { validation, test } });
    expect(messageOf(split(2, 0.1, 0.1))).toBe(
      'input [tables/splitRows] Too few rows to split: expected at least 3, one for each part, got 2. ' +
        'Give more rows, or request fewer parts.',
    );
    expect(messageOf(split(1, 0.1, 0))).toContain('expected at least 2, one for each part, got 1');
    expect(messageOf(split(0, 0, 0))).toContain('expected at least 1, one for each part, got 0');
    for (const [validation, test] of [
      [-0.1, 0.1],
      [0.5, 0.5],
      [Number.NaN, 0],
      [0, 1],
    ] as const) {
      expect(messageOf(split(100, validation, test))).toBe(
        'option [tables/splitRows] Wrong shares of the rows: expected validation and test in [0, 1), together ' +
          `below 1, got ${validation} and ${test}. Leave some rows for training.`,
      );
    }
  });
});
