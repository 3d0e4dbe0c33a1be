import { kernel } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Runs a kernel of the current backend. Throws if the backend lacks the kernel, instead of running the operations that
 * the kernel replaces.
 */
export const runKernel = (
  name: string,
  inputs: Readonly<Record<string, Tensor | undefined>>,
  attributes: object = {},
): readonly Tensor[] =>
  kernel<Readonly<Record<string, Tensor | undefined>>, object>(name).run<readonly Tensor[]>(inputs, attributes, () => {
    throw new Error(`${name} is not there`);
  });
