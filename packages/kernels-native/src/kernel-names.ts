/** Number of the interface of the library, which native/dispatch.c repeats. */
export const INTERFACE = 3;

/**
 * The kernels of the library, in the order of native/calls.h. A kernel has the arguments of the kernel of the same name
 * in `@impflow/backend-wasm`. It ignores further arguments, such as scratch memory that it does not need.
 */
export const KERNEL_NAMES = [
  'addScaled',
  'addTo',
  'adam',
  'andersonLanes',
  'broyden',
  'clear',
  'convSame',
  'convSameGradient',
  'curvature',
  'eliminate',
  'eluSlope',
  'gemm',
  'gemmBatch',
  'gemmPacked',
  'invertInPlace',
  'largestSingular',
  'lipSwishPullback',
  'lipSwishSlope',
  'logDet',
  'packB',
  'packedBytes',
  'pullTangent',
  'repeat',
  'rootBegin',
  'rootCompact',
  'rootDeliver',
  'rootImage',
  'rootJudge',
  'rootNewton',
  'rootSeed',
  'sampleNorm',
  'sinSlope',
  'snakeSlope',
  'softplusSlope',
  'sum',
  'tangentProduct',
  'tangentPullback',
  'tanhSlope',
  'transpose',
  'transposedSolve',
] as const;

/** Name of a kernel. */
export type KernelName = (typeof KERNEL_NAMES)[number];

/** The kernels that return a number. */
export const WITH_RESULT: ReadonlySet<KernelName> = new Set(['largestSingular', 'packedBytes', 'rootJudge']);
