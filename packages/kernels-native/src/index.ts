export { nativeKernels } from './native-kernels.ts';
export type { Kernel, KernelsOnMemory } from './command-list.ts';
export type { KernelName } from './kernel-names.ts';
export type { InstructionSet, NativeKernels, Refusal } from './open-kernels.ts';
