import type { Kernel, KernelName, NativeKernels } from '@impflow/kernels-native';
import type { Compiled } from './module.ts';

/** Byte addresses of numbers in [-1, 1], of numbers in [0, 1], of outputs, of scratch memory and of a packed matrix. */
const [ANY, POSITIVE, OUT, SCRATCH, PACKED] = [1024, 2 ** 17, 2 ** 18, 2 ** 19, 2 ** 19 + 2 ** 16];
/** Count of the numbers in [-1, 1], and of the numbers in [0, 1]. */
const COUNT = 16_384;
/** Address of a number in [-1, 1]. */
const any = (index: number): number => ANY + 4 * index;
/** Address of a number of the output. */
const out = (index: number): number => OUT + 4 * index;

/** Length of the test arrays, which is not a multiple of the length of a vector. */
const N = 77;
/**
 * Number of samples and dimension of the linear systems. The number of samples is not a multiple of the lanes of a
 * vector.
 */
const [BATCH, D] = [19, 3];
/** Count of the numbers in a batch of vectors, and in a batch of matrices. */
const [VECTORS, MATRICES] = [BATCH * D, BATCH * D * D];

interface Check {
  readonly name: KernelName;
  readonly args: readonly number[];
  /** A kernel that runs before the checked kernel, with its arguments. */
  readonly first?: readonly [KernelName, readonly number[]];
  /** Count of numbers that the kernel writes. */
  readonly count: number;
}

const slope = (name: KernelName): Check => ({ name, args: [any(0), out(0), out(N), N], count: 2 * N });

/**
 * One case of each kind of kernel: products, convolutions, activations, gradients, sums, the optimizer, small systems.
 * The tests of @impflow/kernels-native compare every kernel in many cases.
 */
const CHECKS: readonly Check[] = [
  {
    name: 'gemm',
    args: [any(0), 4 * 29, 4, any(900), 4 * 37, 4, OUT, 19, 37, 29, any(5000), 0, SCRATCH],
    count: 19 * 37,
  },
  {
    name: 'gemmPacked',
    first: ['packB', [any(900), 4 * 37, 4, 29, 37, PACKED]],
    args: [any(0), PACKED, OUT, 19, 37, 29, any(5000), SCRATCH],
    count: 19 * 37,
  },
  {
    name: 'convSame',
    args: [any(0), any(900), any(5000), OUT, 2, 5, 5, 4, 9, 3, 3, 0, 10, SCRATCH],
    count: 2 * 5 * 5 * 9,
  },
  ...(['sinSlope', 'snakeSlope', 'softplusSlope', 'tanhSlope'] as const).map(slope),
  { name: 'lipSwishSlope', args: [any(0), POSITIVE, out(0), out(N), N], count: 2 * N },
  {
    name: 'tangentPullback',
    args: [any(0), any(N), any(2 * N), any(3 * N), any(5 * N), out(0), out(N), 1.3, 2, N],
    count: 3 * N,
  },
  {
    name: 'adam',
    args: [any(0), any(N), any(2 * N), POSITIVE, out(0), out(N), out(2 * N), 0.1, 0.001, 0.01, 1e-8, 0.99, N],
    count: 3 * N,
  },
  { name: 'sum', args: [any(0), 2, 33, 7, OUT], count: 2 * 7 },
  {
    name: 'andersonLanes',
    args: [0, VECTORS, 2 * VECTORS, 3 * VECTORS, 1000, 2000]
      .map(any)
      .concat([0, 3 * VECTORS, 6 * VECTORS].map(out), [SCRATCH, BATCH, D, 2, 3, 0.9, 1e-4]),
    count: 7 * VECTORS,
  },
  {
    name: 'rootNewton',
    args: [any(0), any(1000), out(0), out(MATRICES), SCRATCH, BATCH, D],
    count: MATRICES + VECTORS,
  },
  { name: 'logDet', args: [any(0), out(0), out(BATCH), SCRATCH, BATCH, D], count: BATCH + MATRICES },
];

/**
 * Returns the first native kernel whose results are not bit-identical to the results of WebAssembly. Returns undefined
 * if all results are identical. Uses the memory of `compiled`.
 */
export const firstDifference = ({ exports, memory }: Compiled, native: NativeKernels): KernelName | undefined => {
  const floats = new Float32Array(memory.buffer);
  for (let i = 0; i < COUNT; i++) {
    floats[ANY / 4 + i] = Math.sin(i * i);
    floats[POSITIVE / 4 + i] = Math.abs(Math.sin(i * i));
  }
  const bits = (kernels: Readonly<Record<KernelName, Kernel>>, { name, args, first, count }: Check): Int32Array => {
    floats.fill(0, OUT / 4, OUT / 4 + count);
    if (first !== undefined) kernels[first[0]](...first[1]);
    kernels[name](...args);
    return new Int32Array(memory.buffer.slice(OUT, OUT + 4 * count));
  };
  const own = exports as unknown as Readonly<Record<KernelName, Kernel>>;
  const other = native.on(memory).kernels;
  return CHECKS.find((check) => {
    const expected = bits(own, check);
    return !bits(other, check).every((number, i) => number === expected[i]);
  })?.name;
};
