import { fold, key } from '@impflow/core';
import { dataKey, runKey } from '@impflow/training';
import { expect, it } from 'vitest';

it('`runKey` returns the recorded key of every purpose, so that old runs stay reproducible', () => {
  const numbers = { data: 0, weights: 1, batches: 2, steps: 3, mixture: 4 } as const;
  for (const seed of [0, 1, 2 ** 40])
    for (const [purpose, number] of Object.entries(numbers))
      expect(runKey(seed, purpose as keyof typeof numbers)).toEqual(fold(key(seed), number));
});

it('`dataKey` returns the recorded key of every purpose, so that old runs stay reproducible', () => {
  const numbers = {
    validation: 1,
    test: 2,
    train: 3,
    dequantize: 4,
    split: 5,
    validationNoise: 6,
    testNoise: 7,
    addedNoise: 8,
  } as const;
  const data = runKey(3, 'data');
  for (const [purpose, number] of Object.entries(numbers))
    expect(dataKey(data, purpose as keyof typeof numbers)).toEqual(fold(data, number));
});
