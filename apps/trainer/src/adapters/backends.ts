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
 * Placeholder for the adapter of `@impflow/backend-webgl`, which runs only in web pages and is not installed with the
 * command line.
 */
const webgl = (): BackendAdapter => ({
  name: 'webgl',
  isAvailable: async () => false,
  start: async () => {
    throw new FlowError('unsupported', 'trainer/backends', 'WebGL 2 is not available', {
      expected: 'a browser with WebGL 2',
      got: 'Node, which has none',
      hint: 'Use --backend wasm here, and @impflow/backend-webgl in pages.',
    });
  },
});

/**
 * Adapter of `@impflow/backend-webgpu`. The package is not installed with the command line, so the adapter imports the
 * package when the backend is started.
 */
const webgpu = (): BackendAdapter => {
  const load = async (): Promise<BackendAdapter> => {
    // The name of the package is in a variable, so that the compiler does not resolve this optional package.
    const name = '@impflow/backend-webgpu';
    try {
      return ((await import(name)) as { webgpu(): BackendAdapter }).webgpu();
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
      throw new FlowError('unsupported', 'trainer/backends', `The backend webgpu needs ${name}`, {
        expected: 'this package, and the package webgpu',
        got: 'none',
        hint: `Run: npm install ${name} webgpu`,
        cause,
      });
    }
  };
  return {
    name: 'webgpu',
    isAvailable: () =>
      load()
        .then((adapter) => adapter.isAvailable())
        .catch(() => false),
    start: async () => (await load()).start(),
  };
};

/**
 * The built-in backends by name. `webgl` runs only in browsers, so an attempt to start it on the command line throws an
 * error that states this.
 */
export const backends: Registry<BackendAdapter> = registry<BackendAdapter>(
  'backend',
  { wasm: () => wasm(), cpu: () => cpu(), cuda: () => cuda(), webgl, webgpu },
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
  // The adapter of a plugin may report a name that is not its registered name. Workers start the backend by its
  // registered name.
  const adapter = known.create({ name });
  try {
    return { ...(await adapter.start()), name };
  } catch (cause) {
    // A `FlowError` of an adapter already has a complete message.
    throw isFlowError(cause) ? cause : failedIn('cli', 'backend', adapter, 'start', cause, name);
  }
};
