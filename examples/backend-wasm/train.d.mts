import type { Tensor } from '@tensorflow/tfjs-core';
import type { Digits, Sample } from './digits.mjs';

export type ModelName = 'mlp' | 'convNet';
export declare const tensors: (sample: Sample) => { readonly x: Tensor; readonly y: Tensor };
export declare const trainOn: (
  name: ModelName,
  options?: { readonly epochs?: number; readonly batchSize?: number; readonly data?: Digits },
) => Promise<{ readonly seconds: readonly number[]; readonly losses: readonly number[]; readonly accuracy: number }>;
export declare const stepper: (
  name: ModelName,
  options?: { readonly batchSize?: number; readonly data?: Digits },
) => { readonly step: () => Promise<number>; readonly dispose: () => void };
