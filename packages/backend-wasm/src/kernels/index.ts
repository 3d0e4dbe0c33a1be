import type { WasmKernel } from '../kernel.ts';
import { adam } from './adam.ts';
import { batchMatMul } from './batch-mat-mul.ts';
import { capGradient } from './cap-gradient.ts';
import { conv2dBackpropFilter } from './conv2d-backprop-filter.ts';
import { conv2dBackpropInput } from './conv2d-backprop-input.ts';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from './depthwise-backprop.ts';
import { einsum } from './einsum.ts';
import { activation } from './elementwise/activation.ts';
import { eluGrad } from './elementwise/elu-grad.ts';
import { unaries } from './elementwise/unary.ts';
import { eliminate } from './eliminate.ts';
import { fusedMatMul } from './fused-mat-mul.ts';
import { gather } from './gather.ts';
import { largestSingular } from './largest-singular.ts';
import { linear, linearGradient } from './linear.ts';
import { avgPoolGrad, maxPoolGrad } from './pool-grad.ts';
import { select } from './select.ts';
import { sum } from './sum.ts';
import { tangentProduct, tangentPullback } from './tangent.ts';
import { tile } from './tile.ts';
import { unsortedSegmentSum } from './unsorted-segment-sum.ts';

/** All kernels of this package. */
export const kernels: readonly WasmKernel[] = [
  avgPoolGrad, conv2dBackpropFilter, conv2dBackpropInput, depthwiseBackpropFilter, depthwiseBackpropInput, einsum, gather, maxPoolGrad, select, tile, unsortedSegmentSum,
  batchMatMul, fusedMatMul, linear, linearGradient, sum,
  adam, capGradient, eliminate, largestSingular, tangentProduct, tangentPullback,
  ...unaries, eluGrad, activation,
];
