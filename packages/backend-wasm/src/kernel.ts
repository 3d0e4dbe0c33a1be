import {
  getKernel,
  registerKernel,
  unregisterKernel,
  type KernelConfig,
  type KernelFunc,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { machineOn, type Machine, type WasmBackend } from './machine.ts';
import { instantiate } from './module.ts';
import { kernelsOn, type NativeKernels } from './native.ts';

/** Arguments of one call of a kernel. */
export interface KernelCall {
  readonly machine: Machine;
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  /**
   * Attributes of the kernel. The attributes are documented in tfjs, or at the operation of this workspace that
   * declares the kernel.
   */
  readonly attrs: object;
  /**
   * Runs tfjs's own kernel of this name, for cases that the kernel of this package does not cover. Throws if tfjs has
   * no kernel of this name.
   */
  stock(): TensorInfo | TensorInfo[];
}

/** A kernel of this package, with its name in tfjs. */
export interface WasmKernel {
  readonly name: string;
  readonly run: (call: KernelCall) => TensorInfo | TensorInfo[];
}

const machines = new WeakMap<object, Machine>();
const stockKernels = new Map<string, KernelConfig>();

/** The compiled module that the last `start` loaded, and the native kernels that it uses. */
let current: { readonly module: WebAssembly.Module; readonly native: NativeKernels | undefined };

/**
 * Replaces tfjs's own kernels by the kernels of this package, for the running backend and for backends that tfjs makes
 * later.
 */
export const install = (
  kernels: readonly WasmKernel[],
  backend: WasmBackend,
  module: WebAssembly.Module,
  native: NativeKernels | undefined,
): void => {
  current = { module, native };
  machineOf(backend);
  for (const kernel of kernels) replace(kernel);
};

/**
 * Returns the {@link Machine} of a backend. Makes the `Machine` if tfjs made the backend without calling `start` of
 * this package. This happens after a dispose and `setBackend`, or after a reset of the engine.
 */
const machineOf = (backend: WasmBackend): Machine => {
  let machine = machines.get(backend);
  if (machine === undefined) {
    const { memory } = backend.wasm.asm;
    const kernels = kernelsOn(instantiate(current.module, memory), current.native, memory);
    machines.set(backend, (machine = machineOn(backend, kernels)));
  }
  return machine;
};

/** Restores tfjs's own kernels. */
export const uninstall = (kernels: readonly WasmKernel[]): void => {
  for (const { name } of kernels) {
    const present = getKernel(name, 'wasm');
    // If the registered kernel does not belong to this package, there is nothing to restore.
    if (present === undefined || !installed.has(present.kernelFunc)) continue;
    unregisterKernel(name, 'wasm');
    const stock = stockKernels.get(name);
    if (stock !== undefined) registerKernel(stock);
    stockKernels.delete(name);
  }
};

const installed = new WeakSet<KernelFunc>();

const replace = ({ name, run }: WasmKernel): void => {
  const present = getKernel(name, 'wasm') as KernelConfig | undefined;
  if (present !== undefined && installed.has(present.kernelFunc)) return;
  if (present !== undefined) {
    stockKernels.set(name, present);
    // tfjs prints a warning if a registered kernel is registered again, so the existing kernel is removed first.
    unregisterKernel(name, 'wasm');
  }
  const kernelFunc: KernelFunc = (params) => {
    const { inputs, attrs, backend } = params as {
      readonly inputs: NamedTensorInfoMap;
      readonly attrs?: NamedAttrMap;
      readonly backend: WasmBackend;
    };
    return run({
      machine: machineOf(backend),
      inputs: inputs as Readonly<Record<string, TensorInfo>>,
      attrs: attrs ?? {},
      stock: () => {
        if (present === undefined)
          throw new Error(`Kernel '${name}' is not implemented for these arguments on the backend 'wasm'.`);
        return present.kernelFunc(params);
      },
    });
  };
  installed.add(kernelFunc);
  // Keep the function `setupFunc` of tfjs's own kernel, which tfjs calls for each new backend. If tfjs did not call
  // `setupFunc`, its own kernel would use the module of an earlier backend.
  registerKernel({
    kernelName: name,
    backendName: 'wasm',
    kernelFunc,
    ...(present?.setupFunc === undefined ? {} : { setupFunc: present.setupFunc }),
  });
};
