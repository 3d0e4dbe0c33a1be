import { registry } from '@impflow/core';
import { poisson } from '@impflow/logdet';
import { hutchPlusPlus, impflow } from '@impflow/logdet-hutch-plus-plus';
import { expect, it } from 'vitest';

it('the error for a wrong option of `hutchPlusPlus` contains the name of the option', () => {
  expect(() => hutchPlusPlus({ sketch: 0 })).toThrow(
    '[logdet-hutch-plus-plus/hutchPlusPlus] Wrong sketch: expected an integer of at least 1, got 0.',
  );
  expect(() => hutchPlusPlus({ probes: 1.5 })).toThrow('Wrong probes');
  expect(() => hutchPlusPlus({ terms: 0 })).toThrow('Wrong terms');
  expect(() => hutchPlusPlus({ exactTerms: -1 })).toThrow('Wrong exactTerms');
  expect(() => hutchPlusPlus({ terms: 5, exactTerms: 3 })).toThrow(
    'The option exactTerms does not apply: expected no terms, got terms 5. Leave exactTerms out.',
  );
  expect(() => hutchPlusPlus({ terms: 5, distribution: poisson() })).toThrow('The option distribution does not apply');
  expect(() => hutchPlusPlus({ distribution: 'uniform' as 'poisson' })).toThrow(
    'Unknown distribution: expected a distribution or one of geometric, poisson, got "uniform"',
  );
});

it('a registry makes the estimator `hutch++` by name, with JSON options', () => {
  const made = registry('log-det estimator', impflow.logDet).create({
    name: 'hutch++',
    options: { sketch: 2, distribution: 'poisson' },
  });
  expect(made).toMatchObject({ name: 'hutch++', bias: 'unbiased' });
  expect(hutchPlusPlus({ terms: 8 }).bias).toBe('truncated');
});
