import type { KernelBackend } from '@tensorflow/tfjs-core';
import { startRegistered, type BackendAdapter } from './backend.ts';
import { FlowError, type ErrorDetail } from './errors.ts';
import { inNode } from './platform.ts';
import { measureReadBack } from './read-back.ts';

/** The parts in which the adapters for the graphics card of a browser differ. */
export interface GraphicsOptions<Engine extends KernelBackend> {
  /** Name of the adapter and of its backend in tfjs, such as `webgl`. */
  readonly name: string;
  /** Interface of the browser, for messages, such as `WebGL 2`. */
  readonly api: string;
  /** Hint of the error for a browser that lacks the interface. */
  readonly hint: string;
  /** Whether tensors can be read back without awaiting. */
  readonly syncRead: boolean;
  /** Returns the reason why the browser cannot run the backend, or undefined. Never called in Node. */
  readonly probe: () => string | undefined | Promise<string | undefined>;
  /**
   * Imports the package that registers the backend with tfjs, and corrects its kernels. To refuse the backend it throws
   * `unavailable(reason)` or another error.
   */
  readonly load: (unavailable: (reason: string) => FlowError) => Promise<void>;
  /** Adapts the running backend. Returns the name of the device, or undefined if the browser hides it. */
  readonly prepare: (engine: Engine) => string | undefined;
}

/** Makes the adapter of a backend that computes on the graphics card of a browser. */
export const graphicsAdapter = <Engine extends KernelBackend>({
  name,
  api,
  hint,
  syncRead,
  probe,
  load,
  prepare,
}: GraphicsOptions<Engine>): BackendAdapter => {
  const problem = async (): Promise<string | undefined> => (inNode() ? 'Node, which has none' : probe());
  const unavailable = (reason: string): FlowError =>
    new FlowError('unsupported', `backend-${name}/start`, `${api} is not available`, {
      expected: `a browser with ${api}`,
      got: reason,
      hint,
    });
  return {
    name,
    isAvailable: async () => (await problem()) === undefined,
    start: () =>
      startRegistered(name, {
        load: async () => {
          const reason = await problem();
          if (reason !== undefined) throw unavailable(reason);
          await load(unavailable);
        },
        capabilities: async (backend) => {
          const renderer = prepare(backend as Engine);
          return {
            precision: 32,
            syncRead,
            device: 'gpu',
            threads: 1,
            ...(renderer === undefined ? {} : { renderer }),
            readBack: await measureReadBack(syncRead),
          };
        },
      }),
  };
};

/** Returns the error of a running backend that has lost tensors. `why` describes when this happens. */
export const tensorsLost = (
  name: string,
  what: string,
  { why, ...detail }: Pick<ErrorDetail, 'got'> & { readonly why?: string } = {},
): FlowError => {
  const hint = 'Dispose the backend, start it again (or another), and load the last checkpoint.';
  return new FlowError('unsupported', `backend-${name}`, what, {
    ...detail,
    hint: why === undefined ? hint : `${hint} ${why}`,
  });
};

/**
 * Makes `read` and the given methods of a backend throw `error`, for use after its device is lost. Without this, tfjs
 * would return zeros or fail with unrelated errors.
 */
export const failAfterLoss = <Engine extends KernelBackend>(
  engine: Engine,
  methods: readonly (keyof Engine)[],
  error: FlowError,
): void => {
  const fail = (): never => {
    throw error;
  };
  Object.assign(engine, Object.fromEntries(methods.map((method) => [method, fail])), { read: async () => fail() });
};
