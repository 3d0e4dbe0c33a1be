import { flowSpec, type BlockSpec } from '@impflow/flows';
import { assertSpec, assertSpecFitsFile } from 'impflow/run';
import { describe, expect, it } from 'vitest';

const GOOD: readonly BlockSpec[] = [
  { kind: 'columnMaps', maps: [{ map: 'identity' }, { map: 'log', lower: 0 }, { map: 'logit', lower: 0, upper: 1 }] },
  { kind: 'columnMaps', maps: [{ map: 'asinh', center: 0, scale: 1 }] },
  { kind: 'regression', weight: [[1, 2]], bias: [0], factor: [[1]] },
  { kind: 'conditionalAffine', hidden: [8, 8] },
  { kind: 'conditionalAffine', hidden: [] },
];
const specOf = (block: unknown): unknown => ({ ...flowSpec({ dim: 3, blocks: 1 }), blocks: [block] });

describe('the spec of a checkpoint', () => {
  it.each(GOOD)('`assertSpec` accepts the block %o', (block) => expect(() => assertSpec(specOf(block))).not.toThrow());

  it.each([
    [
      'maps that are not a list',
      { kind: 'columnMaps', maps: 5 },
      /Wrong spec\.blocks\[0\]\.maps: expected a list, got 5/,
    ],
    ['an unknown map', { kind: 'columnMaps', maps: [{ map: 'x' }] }, /maps\[0\]\.map: expected one of identity/],
    [
      'a bound in words',
      { kind: 'columnMaps', maps: [{ map: 'log', lower: '0' }] },
      /maps\[0\]\.lower: expected a finite/,
    ],
    ['a ragged weight', { kind: 'regression', weight: [1], bias: [], factor: [] }, /weight\[0\]: expected a list/],
    ['no factor', { kind: 'regression', weight: [], bias: [] }, /factor: expected a list, got nothing/],
    ['a bias of text', { kind: 'regression', weight: [], bias: ['a'], factor: [] }, /bias\[0\]/],
    [
      'a huge net',
      { kind: 'conditionalAffine', hidden: [1e9] },
      /hidden\[0\]: expected a whole number from 1 to 1048576/,
    ],
    ['no widths', { kind: 'conditionalAffine' }, /hidden: expected a list, got nothing/],
    ['a block without a kind', {}, /Wrong spec\.blocks\[0\]\.kind: expected a string/],
  ] as const)('`assertSpec` refuses %s', (_name, block, message) => {
    expect(() => assertSpec(specOf(block))).toThrow(
      expect.objectContaining({ code: 'checkpoint', message: expect.stringMatching(message) as string }) as Error,
    );
  });
});

describe('`assertSpecFitsFile`', () => {
  const context = 2 ** 20;

  it.each([
    ['a net whose input is the context', { kind: 'conditionalAffine', hidden: [1000] }],
    ['a net whose input is the context, without hidden layers', { kind: 'conditionalAffine', hidden: [] }],
    ['a coupling', { kind: 'coupling', hidden: [1000] }],
  ] as const)('`assertSpecFitsFile` counts the parameters that read the context: %s', (_name, block) => {
    const spec = (size: number): unknown => ({ ...flowSpec({ dim: 100, blocks: 1 }), context: size, blocks: [block] });
    expect(() => assertSpecFitsFile(spec(context), {})).toThrow(/far larger than the file/);
    expect(() => assertSpecFitsFile(spec(20), {})).not.toThrow();
  });
});
