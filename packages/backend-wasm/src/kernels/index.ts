import type { WasmKernel } from '../kernel.ts';
import { adam } from './adam.ts';
import { capGradient } from './cap-gradient.ts';
import { eliminate } from './eliminate.ts';
import { largestSingular } from './largest-singular.ts';
import { tangentProduct, tangentPullback } from './tangent.ts';
import { unsortedSegmentSum } from './unsorted-segment-sum.ts';

/** All kernels of this package. */
export const kernels: readonly WasmKernel[] = [
  unsortedSegmentSum,
  adam, capGradient, eliminate, largestSingular, tangentProduct, tangentPullback,
];
