import { engine } from '@tensorflow/tfjs-core';

/**
 * Returns the names of the tfjs kernels that run during `body`. Every operation and gradient calls the engine's
 * `runKernel`.
 */
export const watched = async (body: () => unknown): Promise<ReadonlySet<string>> => {
  const seen = new Set<string>();
  const own = engine();
  const { runKernel } = own;
  Object.assign(own, {
    runKernel: (name: string, ...rest: unknown[]) => {
      seen.add(name);
      return (runKernel as (...args: unknown[]) => unknown).call(own, name, ...rest);
    },
  });
  try {
    await body();
  } finally {
    Object.assign(own, { runKernel });
  }
  return seen;
};
