import type { Digits } from './digits.mjs';
import type { ModelName } from './train.mjs';

export declare const program: (
  print: (line: string) => void,
  options?: {
    readonly model?: ModelName;
    readonly simd?: 'relaxed' | 'simd' | 'stock';
    readonly epochs?: number;
    readonly data?: Digits;
  },
) => Promise<void>;
