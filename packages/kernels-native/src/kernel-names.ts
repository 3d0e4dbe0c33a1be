/** Version number of the interface of the library. native/dispatch.c must contain the same number. */
export const INTERFACE = 3;

/**
 * The kernels of the library, in the order of native/calls.h. Each kernel has the arguments of the kernel of
 * `@impflow/backend-wasm` with the same name. The native kernel ignores further arguments, such as scratch memory that
 * it does not need.
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
