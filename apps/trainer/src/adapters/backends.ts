import { cpu } from '@impflow/backend-cpu';
import { cuda } from '@impflow/backend-cuda';
import { wasm } from '@impflow/backend-wasm';
import {
  FlowError,
  failedIn,
  isFlowError,
  registry,
  unknownName,
  type Backend,
  type BackendAdapter,
  type Registry,
} from '@impflow/core';
import type { OutputOptions } from '../terminal/output.ts';

/**
 * Makes the adapter of a backend that runs only in web pages. The command line does not install the package of this
 * backend.
 */
const inPagesOnly = (name: string, title: string) => (): BackendAdapter => ({
  name,
  isAvailable: async () => false,
  start: async () => {
    throw new FlowError('unsupported', 'trainer/backends', `${title} is not available`, {
      expected: `a browser with ${title}`,
      got: 'Node, which has none',
      hint: `Use --backend wasm here, and @impflow/backend-${name} in pages.`,
    });
  },
});

/**
 * The built-in backends by name. `webgl` and `webgpu` run in browsers only; starting them elsewhere throws an error
 * that states this.
 */
export const backends: Registry<BackendAdapter> = registry<BackendAdapter>(
  'backend',
  {
    wasm: () => wasm(),
    cpu: () => cpu(),
    cuda: () => cuda(),
    webgl: inPagesOnly('webgl', 'WebGL 2'),
    webgpu: inPagesOnly('webgpu', 'WebGPU'),
  },
  ['isAvailable', 'start'],
);

/** Options of the commands that use a backend. */
export interface ComputingOptions extends OutputOptions {
  /** Name of the backend, or `auto`. Default `wasm`. */
  readonly backend?: string;
  /** Packages or modules of plugins to load. */
  readonly plugin?: readonly string[];
}

/** Name of the backend that is used if `--backend` is not given. */
export const DEFAULT_BACKEND = 'wasm';

/**
 * Starts a backend. The `name` of the returned backend is the registered name.
 *
 * @throws `registry` for an unknown name; the adapter's error if the backend cannot run here.
 */
export const startBackend = async (
  name: string = DEFAULT_BACKEND,
  known: Registry<BackendAdapter> = backends,
): Promise<Backend> => {
  if (!known.has(name)) throw unknownName('cli', 'value of --backend', name, [...known.names, 'auto']);
  // The adapter of a plugin may report another name, but workers start the backend by its registered name.
  const adapter = known.create({ name });
  try {
    return { ...(await adapter.start()), name };
  } catch (cause) {
    // A `FlowError` of an adapter already has a complete message.
    throw isFlowError(cause) ? cause : failedIn('cli', 'backend', adapter, 'start', cause, name);
  }
};
