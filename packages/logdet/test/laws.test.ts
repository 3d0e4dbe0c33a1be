import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { exact, poisson, powerSeries, russianRoulette, solved, truncationBound } from '@impflow/logdet';
import { LAW_SLOPE, testEstimator } from '@impflow/testkit';
import { describe } from 'vitest';
import { some } from '../../testkit/private/extent.mjs';

const backends = [wasm()];
/**
 * Backends for one case, to show that an estimator runs on cpu and on wasm. Other tests compare the kernels of each
 * backend with the cpu backend.
 */
const both = some([cpu(), wasm()]);
// The truncation error of the gradient tr((I + J)^-1 dJ) is at most d L^n / (1 - L) times |dJ|.
const truncation = (terms: number) => ({
  value: truncationBound(3, LAW_SLOPE, terms),
  gradient: (3 * LAW_SLOPE ** terms) / (1 - LAW_SLOPE),
});

describe('exact', () => {
  testEstimator({ estimator: () => exact(), backends: both });
});

// If the number of steps equals the dimension, Arnoldi's method is exact except for rounding errors. Therefore only the
// tolerance causes an error.
describe('solved, one probe', () => {
  testEstimator({ estimator: () => solved({ rtol: 1e-5 }), backends, truncation: { value: 2e-5, gradient: 2e-5 } });
});
describe('solved, exact trace', () => {
  testEstimator({
    estimator: () => solved({ probe: 'basis' }),
    backends,
    estimates: 2,
    truncation: { value: 3e-4, gradient: 3e-4 },
  });
});

describe.each(['neumann', 'series'] as const)('with the %s gradient', (gradient) => {
  describe('series, one probe', () => {
    testEstimator({ estimator: () => powerSeries({ terms: 12, gradient }), backends, truncation: truncation(12) });
  });
  describe('series, exact trace', () => {
    // Two estimates are enough: every call returns the same estimate, because `basis` has no noise. The truncation
    // error after 40 terms is negligible.
    testEstimator({
      estimator: () => powerSeries({ terms: 40, probe: 'basis', gradient }),
      backends,
      estimates: 2,
      truncation: truncation(40),
    });
  });
  describe('roulette, geometric', () => {
    testEstimator({ estimator: () => russianRoulette({ gradient }), backends });
  });
  describe('roulette, Poisson, three Gaussian probes', () => {
    testEstimator({
      estimator: () => russianRoulette({ distribution: poisson(), probes: 3, probe: 'gaussian', gradient }),
      backends,
    });
  });
});
