import { backend as currentBackend, enableProdMode, engine, findBackendFactory, getBackend, registerBackend, removeBackend, setBackend, type KernelBackend } from '@tensorflow/tfjs-core';
import { FlowError } from './errors.ts';

export interface Capabilities {
  /** Bits of a float. */
  readonly precision: 16 | 32;
  /** Whether tensors can be read back without awaiting. Where not, solves are read when they {@link settle}. */
  readonly syncRead: boolean;
  readonly device: 'cpu' | 'gpu';
  readonly threads: number;
  /** Which kernels run, where a backend has several sets. Results differ in their last bits. */
  readonly kernels?: string;
  /** What computes, in the words of its driver. */
  readonly renderer?: string;
  /** Whether a process holds one instance only, whatever its threads: workers are then processes. */
  readonly ownProcess?: boolean;
  /** Whether sine and cosine are right to float32 and cost no more than a few products: not those of wasm, which are slow, nor of graphics, which are rough. */
  readonly fastSines?: boolean;
  /** What waiting for the device costs, where that is worth a thought: measured when the backend starts. */
  readonly readBack?: ReadBack;
}

/** Medians, in milliseconds. */
export interface ReadBack {
  /** Until a few numbers that were just computed are here. */
  readonly readMs: number;
  /** To hand one small operation to the device. */
  readonly operationMs: number;
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

/** Of the backends started through an adapter. Those started by tfjs alone are told by what tfjs says of them. */
const running = new WeakMap<KernelBackend, Capabilities>();

/** What the current backend can do. */
export const capabilities = (): Capabilities => {
  const backend = currentBackend();
  const gpu = ['webgl', 'webgpu'].includes(getBackend());
  return running.get(backend) ?? { precision: backend.floatPrecision(), syncRead: getBackend() !== 'webgpu', device: gpu ? 'gpu' : 'cpu', threads: 1 };
};

export interface Registered {
  /** Imports the package that registers the backend with tfjs. */
  readonly load?: () => Promise<unknown>;
  /** The adapter's name, where tfjs calls the backend something else. */
  readonly as?: string;
  /** What the backend turns out to be, once it runs. @throws where that will not do. */
  readonly capabilities: Capabilities | ((backend: KernelBackend) => Capabilities | Promise<Capabilities>);
}

/**
 * Makes the tfjs backend `name` current: what the adapters have in common.
 *
 * @throws `unsupported` where it does not start, or not as it should: tfjs is then on the backend it was on. `input` where another one still holds tensors.
 */
export const startRegistered = async (name: string, { as = name, load, capabilities: found }: Registered): Promise<Backend> => {
  assertNoneElsewhere(name, as);
  await registerGradients();
  enableProdMode();
  const before = engine().backendName as string | null | undefined;
  await load?.();
  const failed = async (): Promise<void> => {
    if (before === name) return;
    if (name in engine().registryFactory) forget(name);
    if (before !== undefined && before !== null) await setBackend(before);
  };
  if (!(await setBackend(name))) {
    await failed();
    throw new FlowError('unsupported', `backend-${as}/start`, `The backend ${as} did not start`, { hint: 'See the warning of TensorFlow.js above.' });
  }
  try {
    // Force the lazy start here, where it can be reported.
    const backend = currentBackend();
    const capabilities = Object.freeze(typeof found === 'function' ? await found(backend) : found);
    running.set(backend, capabilities);
    return Object.freeze({ name: as, capabilities, dispose: () => { if (engine().registry[name] === backend) forget(name); } });
  } catch (error) {
    await failed();
    throw error;
  }
};

/** tfjs would move each tensor at its next use, by a read-back apiece: nobody who switches wants that. */
const assertNoneElsewhere = (name: string, as: string): void => {
  const { backendName, registry } = engine();
  const live = backendName === name ? 0 : registry[backendName]?.numDataIds() ?? 0;
  if (live === 0) return;
  throw new FlowError('input', `backend-${as}/start`, `The backend ${backendName} still holds tensors`, {
    expected: 'none', got: String(live), hint: `Save the model, dispose the running backend, which drops its tensors, start ${as}, and load the model there.`,
  });
};

const forget = (name: string): void => {
  const factory = findBackendFactory(name);
  removeBackend(name);
  // Removing forgets the factory too; its package registers only when first imported.
  registerBackend(name, factory);
};
