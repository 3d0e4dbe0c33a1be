import type { WasmKernel } from '../kernel.ts';
import { adam } from './adam.ts';
import { addScaled } from './add-scaled.ts';
import { anderson } from './anderson.ts';
import { batchMatMul } from './batch-mat-mul.ts';
import { cap, capGradient } from './cap.ts';
import { cast } from './cast.ts';
import { gatherNd, scatterNd, sparseToDense, tensorScatterUpdate } from './checked-indices.ts';
import { clipByValue, relu6 } from './clamp.ts';
import { concat, pack, unpack } from './concat.ts';
import { conv, convGradient } from './conv.ts';
import { conv2d, conv2dBackpropFilter, conv2dBackpropInput } from './conv2d.ts';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from './depthwise-backprop.ts';
import { einsum } from './einsum.ts';
import { activation } from './elementwise/activation.ts';
import { lipSwish, lipSwishPullback } from './elementwise/lip-swish.ts';
import { eluGrad, unaries } from './elementwise/unary.ts';
import { eliminate } from './eliminate.ts';
import { all, any, max, mean, min, prod } from './empty-axis.ts';
import { load, store } from './exchange.ts';
import { maximum, minimum } from './extremes.ts';
import { fusedMatMul } from './fused-mat-mul.ts';
import { gather } from './gather.ts';
import { identity } from './identity.ts';
import { largestSingular } from './largest-singular.ts';
import { linear, linearGradient } from './linear.ts';
import { logDet } from './log-det.ts';
import { netPullback } from './net-pullback.ts';
import { netRoot } from './net-root.ts';
import { net, netPull, netPush } from './net.ts';
import { oneHot } from './one-hot.ts';
import { pad } from './pad.ts';
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad } from './pool.ts';
import { progress } from './progress.ts';
import { quasiNewton } from './quasi-newton.ts';
import { sampleNorm } from './sample-norm.ts';
import { sandwich, sandwichGradient } from './sandwich.ts';
import { select } from './select.ts';
import { slice } from './slice.ts';
import { squaredNorm } from './squared-norm.ts';
import { sum } from './sum.ts';
import { tangentProduct, tangentPullback } from './tangent.ts';
import { tile } from './tile.ts';
import { transpose } from './transpose.ts';
import { transposedSolve } from './transposed-solve.ts';
import { unsortedSegmentSum } from './unsorted-segment-sum.ts';

/** All kernels of this package. */
export const kernels: readonly WasmKernel[] = [
  all,
  any,
  avgPool,
  avgPoolGrad,
  cast,
  clipByValue,
  conv2d,
  conv2dBackpropFilter,
  conv2dBackpropInput,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  einsum,
  gather,
  gatherNd,
  identity,
  max,
  maxPool,
  maxPoolGrad,
  maximum,
  mean,
  min,
  minimum,
  oneHot,
  prod,
  relu6,
  scatterNd,
  select,
  sparseToDense,
  tensorScatterUpdate,
  tile,
  unsortedSegmentSum,
  batchMatMul,
  conv,
  convGradient,
  fusedMatMul,
  linear,
  linearGradient,
  sum,
  concat,
  pack,
  pad,
  slice,
  transpose,
  unpack,
  anderson,
  quasiNewton,
  logDet,
  progress,
  sampleNorm,
  squaredNorm,
  transposedSolve,
  net,
  netPull,
  netPullback,
  netPush,
  netRoot,
  load,
  store,
  adam,
  addScaled,
  cap,
  capGradient,
  eliminate,
  largestSingular,
  sandwich,
  sandwichGradient,
  tangentProduct,
  tangentPullback,
  ...unaries,
  eluGrad,
  activation,
  lipSwish,
  lipSwishPullback,
];
