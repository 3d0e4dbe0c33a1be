import { backend as currentBackend, enableProdMode, findBackendFactory, getBackend, registerBackend, removeBackend, setBackend } from '@tensorflow/tfjs-core';
import { FlowError } from './errors.ts';

export interface Capabilities {
  /** Bits of a float. */
  readonly precision: 16 | 32;
  /** Whether tensors can be read back without awaiting. */
  readonly syncRead: boolean;
  readonly device: 'cpu' | 'gpu';
  readonly threads: number;
  /** Which kernels run, where a backend has several sets. Results differ in their last bits. */
  readonly kernels?: string;
}

/** A running backend: the current one of tfjs until disposed or another is started. */
export interface Backend {
  readonly name: string;
  readonly capabilities: Capabilities;
  dispose(): void;
}

/** How to get a backend. Importing an adapter does nothing; `start` does it all. */
export interface BackendAdapter {
  readonly name: string;
  /** Cheap, free of side effects, never throws. */
  isAvailable(): Promise<boolean>;
  /** @throws `unsupported` where the device turns out not to do. */
  start(): Promise<Backend>;
}

/** Makes the gradients of tfjs's own operations known to it. Idempotent; every adapter's `start` calls it. */
export const registerGradients = async (): Promise<void> => {
  await import('#register-gradients');
};

/** Makes the tfjs backend `name` current, once its package has registered it: what the adapters have in common. */
export const startRegistered = async (name: string, capabilities: Capabilities): Promise<Backend> => {
  await registerGradients();
  enableProdMode();
  if (!(await setBackend(name))) {
    throw new FlowError('unsupported', `backend-${name}/start`, `The backend ${name} did not start`, { hint: 'See the warning of TensorFlow.js above.' });
  }
  // Force the lazy start here, where it can be reported.
  currentBackend();
  const factory = findBackendFactory(name);
  return Object.freeze({
    name, capabilities,
    dispose: () => {
      if (getBackend() !== name) return;
      removeBackend(name);
      // Removing forgets the factory too; its package registers only when first imported.
      registerBackend(name, factory);
    },
  });
};
