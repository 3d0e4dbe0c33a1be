import { getKernel, registerKernel, unregisterKernel, type KernelConfig, type KernelFunc, type NamedAttrMap, type NamedTensorInfoMap, type TensorInfo } from '@tensorflow/tfjs-core';
import { machineOn, type Machine, type WasmBackend } from './machine.ts';
import { instantiateAgain, type Instantiated } from './module.ts';

/** One call of a kernel. */
export interface KernelCall {
  readonly machine: Machine;
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly attrs: Readonly<Record<string, unknown>>;
  /** What tfjs's own kernel of this name makes of the call: for the cases that ours leaves to it. Throws where tfjs has none. */
  stock(): TensorInfo | TensorInfo[];
}

/** A kernel of this package, under the name that tfjs calls it by. */
export interface WasmKernel {
  readonly name: string;
  readonly run: (call: KernelCall) => TensorInfo | TensorInfo[];
}

const machines = new WeakMap<object, Machine>();
const stockKernels = new Map<string, KernelConfig>();

/** The module of the last start. */
let current: WebAssembly.Module;

/** Puts kernels in the place of tfjs's own: for the running backend, and for those that tfjs makes later. */
export const install = (kernels: readonly WasmKernel[], backend: WasmBackend, { module, exports }: Instantiated): void => {
  current = module;
  machines.set(backend, machineOn(backend, exports));
  for (const kernel of kernels) replace(kernel);
};

/** The machine of a backend. tfjs makes a backend without our `start` where a program calls `setBackend` after a dispose, or resets the engine. */
const machineOf = (backend: WasmBackend): Machine => {
  let machine = machines.get(backend);
  if (machine === undefined) machines.set(backend, machine = machineOn(backend, instantiateAgain(current, backend.wasm.asm.memory)));
  return machine;
};

/** Puts tfjs's own kernels back. */
export const uninstall = (kernels: readonly WasmKernel[]): void => {
  for (const { name } of kernels) {
    const present = getKernel(name, 'wasm');
    // Where ours never were, tfjs's own are in their place already.
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
    // Registering over another kernel prints a warning.
    unregisterKernel(name, 'wasm');
  }
  const kernelFunc: KernelFunc = (params) => {
    const { inputs, attrs, backend } = params as { readonly inputs: NamedTensorInfoMap; readonly attrs?: NamedAttrMap; readonly backend: WasmBackend };
    return run({
      machine: machineOf(backend),
      inputs: inputs as Readonly<Record<string, TensorInfo>>,
      attrs: (attrs ?? {}) as Readonly<Record<string, unknown>>,
      stock: () => {
        if (present === undefined) throw new Error(`Kernel '${name}' is not implemented for these arguments on the backend 'wasm'.`);
        return present.kernelFunc(params);
      },
    });
  };
  installed.add(kernelFunc);
  // The set-up of tfjs's own kernel runs for each new backend; without it `stock` would call into a module that is gone.
  registerKernel({ kernelName: name, backendName: 'wasm', kernelFunc, ...(present?.setupFunc === undefined ? {} : { setupFunc: present.setupFunc }) });
};
