import { fold, key } from '@impflow/core';
import { runKey } from '@impflow/training';
import { expect, it } from 'vitest';

it('never changes the key of a purpose: runs stay reproducible', () => {
  const numbers = { data: 0, weights: 1, batches: 2, steps: 3, mixture: 4 } as const;
  for (const seed of [0, 1, 2 ** 40])
    for (const [purpose, number] of Object.entries(numbers))
      expect(runKey(seed, purpose as keyof typeof numbers)).toEqual(fold(key(seed), number));
});
