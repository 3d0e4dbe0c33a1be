import { wasm } from '@impflow/backend-wasm';
import { describe } from 'vitest';
import { testLowDimension, testSampleNorm } from './low-suite.ts';

describe.each(['relaxed', 'simd'] as const)('fused kernels of low dimension, %s build', (simd) => {
  testLowDimension(wasm({ simd }));
});
describe.each(['relaxed', 'simd'] as const)('the norm of samples, %s build', (simd) => {
  testSampleNorm(wasm({ simd }));
});
