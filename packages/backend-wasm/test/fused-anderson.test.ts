import { wasm } from '@impflow/backend-wasm';
import { describe } from 'vitest';
import { BUILDS } from '../../testkit/private/extent.mjs';
import { testAnderson } from './anderson-suite.ts';

describe.each(BUILDS)('fused Anderson step, %s build', (simd) => {
  testAnderson(wasm({ simd }));
});
