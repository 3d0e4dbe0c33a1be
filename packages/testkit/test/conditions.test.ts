import { cpu } from '@impflow/backend-cpu';
import { key } from '@impflow/core';
import { conditionalMlp, mlp } from '@impflow/lipschitz';
import { lively, onBackend, testContraction } from '@impflow/testkit';
import { describe, expect, it } from 'vitest';
import { conditioned } from '../src/contraction-conditions.ts';

testContraction({
  name: 'a net with conditions',
  make: () => lively(conditionalMlp({ dim: 3, hidden: [8], context: 2, key: key(1) })),
  wide: () => lively(conditionalMlp({ dim: 40, hidden: [50], context: 2, key: key(2) })),
  context: 2,
  backends: [cpu()],
});

describe('the option `context` of `testContraction`', () => {
  onBackend(cpu());

  it('must be the size of the conditions of the map', () => {
    const conditional = conditionalMlp({ dim: 3, hidden: [8], context: 2, key: key(1) });
    expect(() => conditioned(conditional, 0)).toThrow(
      'The option `context` is not the size of the conditions: expected 2, the `conditionSize` of the map, got 0. ' +
        'Pass the option context: 2.',
    );
    expect(() => conditioned(conditional, 3)).toThrow('got 3');
    expect(() => conditioned(mlp({ dim: 3, hidden: [8], key: key(1) }), 1)).toThrow('expected 0');
  });
});
