import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { truncationBound } from '@impflow/logdet';
import { hutchPlusPlus } from '@impflow/logdet-hutch-plus-plus';
import { LAW_SLOPE, testEstimator } from '@impflow/testkit';
import { describe } from 'vitest';
import { some } from '../../../packages/testkit/private/extent.mjs';

const backends = [wasm()];
/**
 * Backends for one case, to show that the estimator runs on cpu and on wasm. Other tests compare the kernels of each
 * backend with the cpu backend.
 */
const both = some([cpu(), wasm()]);

// `testEstimator` uses at most three dimensions. With a sketch of one direction, at most two directions are left for
// the random probes.
describe('roulette', () => {
  testEstimator({ estimator: () => hutchPlusPlus({ sketch: 1, probes: 1 }), backends });
});
describe('roulette, Poisson', () => {
  testEstimator({ estimator: () => hutchPlusPlus({ sketch: 2, probes: 3, distribution: 'poisson' }), backends });
});
describe('default options, where the sketch spans the space', () => {
  testEstimator({ estimator: () => hutchPlusPlus(), backends });
});
describe('truncated', () => {
  // Truncation changes the gradient tr((I + J)^-1 dJ) by at most d L^n / (1 - L) for every unit of |dJ|.
  const truncation = { value: truncationBound(3, LAW_SLOPE, 12), gradient: (3 * LAW_SLOPE ** 12) / (1 - LAW_SLOPE) };
  testEstimator({ estimator: () => hutchPlusPlus({ sketch: 1, probes: 1, terms: 12 }), backends: both, truncation });
});
