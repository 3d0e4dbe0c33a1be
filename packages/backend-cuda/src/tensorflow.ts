import { assertNode, collectRarely, FlowError, inNode, startRegistered, type BackendAdapter } from '@impflow/core';
import { findBackendFactory } from '@tensorflow/tfjs-core';
import { assertBuilt, findAddon, loadAddon } from './addon.ts';
import type { TensorFlowEngine } from './engine.ts';
import { setHostKernels } from './host/host-kernels.ts';
import { registerNet } from './net.ts';
import { assertRunsOn, runsOn } from './node-version.ts';
import { registerSearchSorted } from './search-sorted.ts';
import { requestThreads, threadsInUse } from './threads.ts';

export interface TensorFlowOptions {
  /** How many threads of the CPU share an operation. TensorFlow takes the number once in a process. Default: what `TF_NUM_INTRAOP_THREADS` says, else all cores. */
  readonly threads?: number;
  /** Whether V8 is told to collect rarely, for the reason that the wasm backend has (docs/decisions/012). The setting is the process's and stays. Default true. */
  readonly collectRarely?: boolean;
}

/** TensorFlow on the CPU, by `@tensorflow/tfjs-node`. */
export const native = (options: TensorFlowOptions = {}): BackendAdapter => tensorflow('native', '@tensorflow/tfjs-node', options);

/** TensorFlow on an NVIDIA card, by `@tensorflow/tfjs-node-gpu`. Whether there is a card is known once it starts. */
export const cuda = (options: TensorFlowOptions = {}): BackendAdapter => tensorflow('cuda', '@tensorflow/tfjs-node-gpu', options);

/** Both packages are the same JavaScript over two builds of TensorFlow, and tfjs calls the backend of either `tensorflow`: a process loads one of them. */
const tensorflow = (name: 'native' | 'cuda', packageName: string, { threads, collectRarely: rarely = true }: TensorFlowOptions): BackendAdapter => {
  const at = `backend-cuda/${name}`;
  return {
    name,
    isAvailable: async () => inNode() && runsOn(process.versions.node) && findAddon(packageName)?.built === true,
    start: async () => {
      assertNode(at, 'Use the webgpu, webgl or wasm backend.');
      assertRunsOn(at, packageName, process.versions.node);
      const loaded = findBackendFactory('tensorflow') !== null;
      const addon = loaded ? undefined : assertBuilt(at, packageName);
      return startRegistered('tensorflow', {
        as: name,
        load: async () => {
          if (threads !== undefined) requestThreads(at, threads, loaded);
          if (addon !== undefined) loadAddon(at, packageName, addon);
          if (rarely) collectRarely();
        },
        capabilities: (backend) => {
          assertDevice(at, name, backend as TensorFlowEngine);
          registerNet();
          registerSearchSorted();
          setHostKernels(name === 'native');
          return { precision: 32, syncRead: true, device: name === 'cuda' ? 'gpu' : 'cpu', threads: threadsInUse(), ownProcess: true, fastSines: true };
        },
      });
    },
  };
};

/** The build for graphics cards runs on the CPU where it finds none: that will do for `native`, and never for `cuda`. */
const assertDevice = (at: string, name: 'native' | 'cuda', { isGPUPackage, isUsingGpuDevice }: TensorFlowEngine): void => {
  if (name === 'native' ? isUsingGpuDevice : !isGPUPackage) {
    throw new FlowError('unsupported', at, 'Another build of TensorFlow runs in this process', {
      expected: `the one for ${name === 'native' ? 'the CPU' : 'CUDA'}`, got: `the one for ${name === 'native' ? 'CUDA' : 'the CPU'}`, hint: `Use a process of its own for ${name}().`,
    });
  }
  if (name === 'cuda' && !isUsingGpuDevice) {
    throw new FlowError('unsupported', at, 'TensorFlow found no CUDA device', {
      expected: 'a GPU', got: 'the CPU alone',
      hint: 'See whether nvidia-smi lists the card, and with TF_CPP_MIN_LOG_LEVEL=0 which libraries of CUDA and cuDNN are not found; or use native().',
    });
  }
};
