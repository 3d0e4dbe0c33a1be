import { assertNode, collectRarely, FlowError, inNode, startRegistered, type BackendAdapter } from '@impflow/core';
import { findBackendFactory } from '@tensorflow/tfjs-core';
import { assertBuilt, findAddon, loadAddon } from './addon.ts';
import type { TensorFlowEngine } from './engine.ts';
import { registerNet } from './net.ts';
import { assertRunsOn, runsOn } from './node-version.ts';
import { registerSearchSorted } from './search-sorted.ts';
import { requestThreads, threadsInUse } from './threads.ts';

/** Options of {@link cuda}. */
export interface CudaOptions {
  /**
   * Number of CPU threads that compute one operation together. TensorFlow reads the number once per process. Default:
   * the environment variable `TF_NUM_INTRAOP_THREADS`, else all cores.
   */
  readonly threads?: number;
  /**
   * Whether to make full garbage collections rare, as the wasm backend does (docs/decisions/012). The setting applies
   * to the whole process and stays after `dispose`. Default true.
   */
  readonly collectRarely?: boolean;
}

/**
 * Adapter of TensorFlow on an NVIDIA card, with `@tensorflow/tfjs-node-gpu`. Only `start` checks whether there is a
 * card.
 */
export const cuda = (options: CudaOptions = {}): BackendAdapter =>
  tensorflow('cuda', '@tensorflow/tfjs-node-gpu', options);

/**
 * Adapter of the CPU build of TensorFlow, with `@tensorflow/tfjs-node`. The adapter runs the code of {@link cuda},
 * except for the check for a card. This adapter is for tests on machines without a card (docs/decisions/014), so the
 * package does not export the adapter.
 */
export const cpuBuild = (options: CudaOptions = {}): BackendAdapter =>
  tensorflow('cpuBuild', '@tensorflow/tfjs-node', options);

/**
 * Adapter of TensorFlow with either package. tfjs-node and tfjs-node-gpu both register a backend `tensorflow`. The two
 * packages have the same JavaScript and different builds of TensorFlow. A process can load only one build.
 */
const tensorflow = (
  name: 'cuda' | 'cpuBuild',
  packageName: string,
  { threads, collectRarely: rarely = true }: CudaOptions,
): BackendAdapter => {
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
          return {
            precision: 32,
            syncRead: true,
            device: name === 'cuda' ? 'gpu' : 'cpu',
            threads: threadsInUse(),
            ownProcess: true,
            fastSines: true,
          };
        },
      });
    },
  };
};

/**
 * Checks which build of TensorFlow runs, on which device. The build for CUDA runs on the CPU if it finds no card. In
 * this case `cpuBuild` accepts the build, and `cuda` throws.
 */
const assertDevice = (
  at: string,
  name: 'cuda' | 'cpuBuild',
  { isGPUPackage, isUsingGpuDevice }: TensorFlowEngine,
): void => {
  if (name === 'cpuBuild' ? isUsingGpuDevice : !isGPUPackage) {
    throw new FlowError('unsupported', at, 'Another build of TensorFlow runs in this process', {
      expected: `the build for ${name === 'cpuBuild' ? 'the CPU' : 'CUDA'}`,
      got: `the build for ${name === 'cpuBuild' ? 'CUDA' : 'the CPU'}`,
      hint: `Run ${name}() in a separate process.`,
    });
  }
  if (name === 'cuda' && !isUsingGpuDevice) {
    throw new FlowError('unsupported', at, 'TensorFlow found no CUDA device', {
      expected: 'a GPU',
      got: 'only the CPU',
      hint:
        'Check that nvidia-smi lists the card. Set TF_CPP_MIN_LOG_LEVEL=0 to see which libraries of CUDA and ' +
        'cuDNN are not found. Or use wasm().',
    });
  }
};
