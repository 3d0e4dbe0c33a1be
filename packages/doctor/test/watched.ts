import { engine } from '@tensorflow/tfjs-core';

/** The kernels of tfjs that run while `body` does: every operation, on the tape or in a gradient, goes through the engine's `runKernel`. */
export const watched = async (body: () => unknown): Promise<ReadonlySet<string>> => {
  const seen = new Set<string>();
  const own = engine();
  const { runKernel } = own;
  Object.assign(own, { runKernel: (name: string, ...rest: unknown[]) => {
    seen.add(name);
    return (runKernel as (...args: unknown[]) => unknown).call(own, name, ...rest);
  } });
  try {
    await body();
  } finally {
    Object.assign(own, { runKernel });
  }
  return seen;
};
