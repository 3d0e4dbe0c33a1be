import { wasm } from '@impflow/backend-wasm';
import { describe } from 'vitest';
import { BUILDS } from '../../testkit/private/extent.mjs';
import { testLowDimension, testSampleNorm } from './low-suite.ts';

describe.each(BUILDS)('fused kernels of low dimension, %s build', (simd) => {
  testLowDimension(wasm({ simd }));
});
describe.each(BUILDS)('norms of samples, %s build', (simd) => {
  testSampleNorm(wasm({ simd }));
});
