import type { KernelBackend } from '@tensorflow/tfjs-core';
import { startRegistered, type BackendAdapter } from './backend.ts';
import { FlowError, type ErrorDetail } from './errors.ts';
import { inNode } from './platform.ts';
import { measureReadBack } from './read-back.ts';

/** How a backend reaches the graphics card in Node. */
export interface GraphicsInNode {
  /** What the backend needs in Node, for error messages. */
  readonly expected: string;
  /** Hint of the error that is thrown if the requirement `expected` is not met. */
  readonly hint: string;
  /**
   * Gives TensorFlow.js in Node the graphics interface of browsers. Returns a function that removes the interface, or
   * the reason why Node does not have it. Never throws.
   */
  readonly open: () => Promise<(() => void) | string>;
}

/** The parts in which the adapters for a graphics card differ. */
export interface GraphicsOptions<Engine extends KernelBackend> {
  /** Name of the adapter and of its backend in tfjs, such as `webgl`. */
  readonly name: string;
  /** Interface of the browser, for messages, such as `WebGL 2`. */
  readonly api: string;
  /** Hint of the error for a browser that lacks the interface. */
  readonly hint: string;
  /** How the backend runs in Node. Without it, the backend runs only in browsers. */
  readonly node?: GraphicsInNode;
  /** Whether tensors can be read back without awaiting. */
  readonly syncRead: boolean;
  /** Returns the reason why the browser cannot run the backend, or undefined. Never called in Node. */
  readonly probe: () => string | undefined | Promise<string | undefined>;
  /**
   * Imports the package that registers the backend with tfjs, and corrects its kernels. To refuse the backend it throws
   * `unavailable(reason)` or another error.
   */
  readonly load: (unavailable: (reason: string) => FlowError) => Promise<void>;
  /** Adapts the running backend. Returns the name of the device, or undefined if it is hidden. */
  readonly prepare: (engine: Engine) => string | undefined | Promise<string | undefined>;
}

/** Makes the adapter of a backend that computes on a graphics card: in a browser, and in Node if `node` is given. */
export const graphicsAdapter = <Engine extends KernelBackend>({
  name,
  api,
  hint,
  node,
  syncRead,
  probe,
  load,
  prepare,
}: GraphicsOptions<Engine>): BackendAdapter => {
  /** Returns the function that ends the use of the card, or the reason why there is no card. */
  const open = async (): Promise<(() => void) | string> => {
    if (inNode()) return (await node?.open()) ?? 'Node, which has none';
    return (await probe()) ?? (() => {});
  };
  const unavailable = (reason: string): FlowError =>
    new FlowError('unsupported', `backend-${name}/start`, `${api} is not available`, {
      expected: `a browser with ${api}`,
      hint,
      ...(inNode() && node !== undefined ? { expected: node.expected, hint: node.hint } : {}),
      got: reason,
    });
  return {
    name,
    isAvailable: async () => {
      const opened = await open();
      if (typeof opened === 'string') return false;
      opened();
      return true;
    },
    start: async () => {
      let close = (): void => {};
      try {
        const backend = await startRegistered(name, {
          load: async () => {
            const opened = await open();
            if (typeof opened === 'string') throw unavailable(opened);
            close = opened;
            await load(unavailable);
          },
          capabilities: async (engine) => {
            const renderer = await prepare(engine as Engine);
            return {
              precision: 32,
              syncRead,
              device: 'gpu',
              threads: 1,
              ...(renderer === undefined ? {} : { renderer }),
              readBack: await measureReadBack(syncRead),
            };
          },
        });
        return Object.freeze({
          ...backend,
          dispose: () => {
            backend.dispose();
            close();
          },
        });
      } catch (error) {
        close();
        throw error;
      }
    },
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
 * Makes `read` and the given methods of a backend throw `error`, for use after its device is lost. Without this change,
 * tfjs would return zeros or fail with unrelated errors.
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
