import { wasm } from '@impflow/backend-wasm';
import { describe } from 'vitest';
import { testAnderson } from './anderson-suite.ts';

describe.each(['relaxed', 'simd'] as const)('fused Anderson step, %s build', (simd) => {
  testAnderson(wasm({ simd }));
});
