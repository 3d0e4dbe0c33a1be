import {
  backend,
  enableProdMode,
  engine,
  findBackendFactory,
  getBackend,
  registerBackend,
  removeBackend,
  setBackend,
  type KernelBackend,
} from '@tensorflow/tfjs-core';
import { FlowError } from './errors.ts';

/** Properties of a running backend. */
export interface Capabilities {
  /** Number of bits of a floating-point number. */
  readonly precision: 16 | 32;
  /** Whether tensors can be read back without awaiting. If not, solves need {@link settle}. */
  readonly syncRead: boolean;
  /** Processor that runs the kernels. */
  readonly device: 'cpu' | 'gpu';
  /** Number of threads that compute an operation in parallel. */
  readonly threads: number;
  /**
   * Name of the set of kernels in use, if a backend has several sets. The results of the sets `relaxed`, `avx512`,
   * `avx2` and `neon` of the wasm backend have the same bits. The results of other sets differ in the last bits.
   */
  readonly kernels?: string;
  /**
   * Why the backend does not use native kernels, as a sentence without a full stop. Absent if the backend uses native
   * kernels, or if its options exclude them.
   */
  readonly withoutNative?: string;
  /** Name of the device, as its driver reports it. */
  readonly renderer?: string;
  /** Whether a process can hold only one instance of the backend. Workers are then processes. Default false. */
  readonly ownProcess?: boolean;
  /**
   * Whether sine and cosine are exact to float32 and as fast as a few multiplications. False for wasm, where they are
   * slow, and for WebGL and WebGPU, where they are inexact. Default false.
   */
  readonly fastSines?: boolean;
  /** Cost of waiting for the device, measured when the backend starts. Absent if the cost is negligible. */
  readonly readBack?: ReadBack;
}

/** Cost of waiting for a device. Medians, in milliseconds. */
export interface ReadBack {
  /** Time to compute a few values and read them to the host. */
  readonly readMs: number;
  /** Time to submit one small operation to the device. */
  readonly operationMs: number;
}

/** A running backend, which is tfjs's current backend until it is disposed or another backend starts. */
export interface Backend {
  /** Name of the adapter that started the backend. */
  readonly name: string;
  /** Properties of the backend. */
  readonly capabilities: Capabilities;
  /** Ends the backend and disposes its tensors. */
  dispose(): void;
}

/** Starts a backend. Importing an adapter has no side effects; only `start` has side effects. */
export interface BackendAdapter {
  /** Name of the adapter, such as `wasm`. */
  readonly name: string;
  /** Returns whether the backend can probably start. The check is cheap, has no side effects and never throws. */
  isAvailable(): Promise<boolean>;
  /** Starts the backend and makes it current. @throws `unsupported` where the platform or device cannot run it. */
  start(): Promise<Backend>;
}

/** Registers the gradients of tfjs's own operations. Idempotent. The `start` of every adapter calls this function. */
export const registerGradients = async (): Promise<void> => {
  await import('#register-gradients');
};

/**
 * Capabilities of each backend that an adapter started. For a backend without an entry, {@link capabilities} reads the
 * capabilities from tfjs.
 */
const running = new WeakMap<KernelBackend, Capabilities>();

/**
 * Checks that a backend runs. TensorFlow.js would report a missing backend in the middle of a computation.
 *
 * @throws `unsupported`, from `at`, if no backend runs.
 */
export const assertBackend = (at: string): void => {
  try {
    backend();
  } catch (cause) {
    throw new FlowError('unsupported', at, 'No backend of TensorFlow.js runs', {
      expected: 'a running backend',
      got: 'none',
      hint: 'Call: await wasm().start(), with wasm of @impflow/backend-wasm.',
      cause,
    });
  }
};

/** Returns the properties of the current backend. @throws `unsupported` if no backend runs. */
export const capabilities = (): Capabilities => {
  assertBackend('core/capabilities');
  const current = backend();
  const gpu = ['webgl', 'webgpu'].includes(getBackend());
  return (
    running.get(current) ?? {
      precision: current.floatPrecision(),
      syncRead: getBackend() !== 'webgpu',
      device: gpu ? 'gpu' : 'cpu',
      threads: 1,
    }
  );
};

/** Options of {@link startRegistered}. */
export interface Registered {
  /**
   * Imports the package that registers the backend with tfjs. Default: imports nothing, because the backend is
   * registered already.
   */
  readonly load?: () => Promise<unknown>;
  /** Name of the adapter. Default: the name of the backend in tfjs. */
  readonly as?: string;
  /**
   * Properties of the backend, or a function that returns them once the backend runs. To refuse the backend, the
   * function throws.
   */
  readonly capabilities: Capabilities | ((backend: KernelBackend) => Capabilities | Promise<Capabilities>);
}

/**
 * Starts the tfjs backend `name` and makes it current. All adapters use this function.
 *
 * @throws `unsupported` where the backend does not start, and the errors of `load` and `capabilities`; `input` where
 * the previous backend still holds tensors. After an error the previous backend stays current.
 */
export const startRegistered = async (
  name: string,
  { as = name, load, capabilities: found }: Registered,
): Promise<Backend> => {
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
    throw new FlowError('unsupported', `backend-${as}/start`, `The backend ${as} did not start`, {
      hint: 'See the warning of TensorFlow.js above.',
    });
  }
  try {
    // tfjs starts a backend at its first use. This function uses the backend immediately, so that this function reports
    // a failure.
    const started = backend();
    const capabilities = Object.freeze(typeof found === 'function' ? await found(started) : found);
    running.set(started, capabilities);
    return Object.freeze({
      name: as,
      capabilities,
      dispose: () => {
        if (engine().registry[name] === started) forget(name);
      },
    });
  } catch (error) {
    await failed();
    throw error;
  }
};

/**
 * Throws if the current backend holds tensors: after a change of the backend, tfjs would copy each tensor at its next
 * use.
 */
const assertNoneElsewhere = (name: string, as: string): void => {
  const { backendName, registry } = engine();
  const live = backendName === name ? 0 : (registry[backendName]?.numDataIds() ?? 0);
  if (live === 0) return;
  throw new FlowError('input', `backend-${as}/start`, `The backend ${backendName} still holds tensors`, {
    expected: 'none',
    got: String(live),
    hint: `Save the model, dispose the running backend, which drops its tensors, start ${as}, and load the model there.`,
  });
};

const forget = (name: string): void => {
  const factory = findBackendFactory(name);
  removeBackend(name);
  // removeBackend also drops the factory, which the package of the backend registers only at its first import.
  registerBackend(name, factory);
};
