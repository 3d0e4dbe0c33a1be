import { cpu } from '@impflow/backend-cpu';
import type { BackendAdapter } from '@impflow/core';
import { testBackend } from '@impflow/testkit';
import { getKernel, registerKernel, unregisterKernel, type KernelFunc } from '@tensorflow/tfjs-core';
import { describe } from 'vitest';

/** Returns the adapter of the cpu backend with one changed kernel. The kernel is restored when the backend ends. */
const changed = (kernel: string, change: (sound: KernelFunc) => KernelFunc): BackendAdapter => ({
  ...cpu(),
  start: async () => {
    const backend = await cpu().start();
    const sound = getKernel(kernel, 'cpu')!;
    const register = (kernelFunc: KernelFunc): void => {
      unregisterKernel(kernel, 'cpu');
      registerKernel({ ...sound, kernelFunc });
    };
    register(change(sound.kernelFunc));
    return {
      ...backend,
      dispose: () => {
        register(sound.kernelFunc);
        backend.dispose();
      },
    };
  },
});

const wrongSine = changed('Sin', (sound) => (call) => {
  const result = sound(call) as { readonly dataId: object };
  const values = (call.backend as unknown as { readSync(id: object): Float32Array }).readSync(result.dataId);
  values.forEach((value, i) => {
    values[i] = 1.001 * value;
  });
  return result as ReturnType<KernelFunc>;
});

// A suite of the unchanged cpu backend is not needed here, because the tests of backend-cpu run the laws on it.
describe('a sine that is off by a thousandth', () => {
  testBackend({ adapter: () => wrongSine, reference: cpu, steps: 16 });
});
