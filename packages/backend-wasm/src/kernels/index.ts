import type { WasmKernel } from '../kernel.ts';
import { identity } from './identity.ts';
import { unsortedSegmentSum } from './unsorted-segment-sum.ts';

/** All kernels of this package. */
export const kernels: readonly WasmKernel[] = [identity, unsortedSegmentSum];
