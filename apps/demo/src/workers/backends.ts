import { FlowError, inNode, isFlowError, type Backend, type BackendAdapter } from '@impflow/core';
import type { BackendName } from '../config.ts';

/** The backend that runs in this worker. */
export interface Computing {
  readonly name: BackendName;
  /**
   * Name of the running backend with details, such as the kernels of WebAssembly or the renderer of a graphics card.
   * The page shows this text.
   */
  readonly computing: string;
  /**
   * A sentence that explains why the requested backend does not run, and which backend runs instead. Absent if the
   * requested backend runs.
   */
  readonly fallback?: string;
}

/** The code of a backend is loaded only when the backend is requested. */
const adapters: Readonly<Record<BackendName, () => Promise<BackendAdapter>>> = {
  wasm: async () =>
    (await import('@impflow/backend-wasm')).wasm(
      inNode()
        ? {}
        : {
            kernelsUrl: {
              relaxed: new URL('@impflow/backend-wasm/relaxed.wasm', import.meta.url),
              simd: new URL('@impflow/backend-wasm/simd.wasm', import.meta.url),
            },
          },
    ),
  webgl: async () => (await import('@impflow/backend-webgl')).webgl(),
  webgpu: async () => (await import('@impflow/backend-webgpu')).webgpu(),
  cpu: async () => (await import('@impflow/backend-cpu')).cpu(),
};

/**
 * For each backend, the replacements that are tried in order if the backend does not start. A replacement has fewer
 * requirements than the backend that it replaces. The fastest replacement is first.
 */
const INSTEAD: Readonly<Record<BackendName, readonly BackendName[]>> = {
  wasm: ['cpu'],
  webgl: ['wasm', 'cpu'],
  webgpu: ['wasm', 'cpu'],
  cpu: [],
};

/**
 * Starts the requested backend. If that backend does not start in this browser, starts a replacement and returns the
 * reason as `fallback`.
 *
 * @throws `unsupported` if neither the requested backend nor a replacement starts.
 */
export const startBackend = async (wanted: BackendName): Promise<Computing> => {
  const reasons: string[] = [];
  for (const name of [wanted, ...INSTEAD[wanted]]) {
    try {
      const { capabilities } = await (await adapters[name]()).start();
      return {
        name,
        computing: inWords(name, capabilities),
        ...(reasons.length === 0 ? {} : { fallback: `${sentence(reasons.join('; '))}: ${CONSEQUENCE[name]}.` }),
      };
    } catch (error) {
      reasons.push(whyNot(name, error));
    }
  }
  throw new FlowError('unsupported', 'demo/startBackend', `No backend runs here (${reasons.join('; ')})`, {
    hint: 'Reload the page, or use another browser.',
  });
};

const inWords = (name: BackendName, { kernels, renderer }: Backend['capabilities']): string => {
  switch (name) {
    case 'wasm':
      return `WebAssembly, ${kernels === 'relaxed' ? 'relaxed SIMD' : 'SIMD'}`;
    case 'webgl':
      return `WebGL on ${renderer ?? 'an unnamed device'}`;
    case 'webgpu':
      return `WebGPU on ${renderer ?? 'an unnamed device'}`;
    case 'cpu':
      return 'plain JavaScript';
  }
};

const CONSEQUENCE: Readonly<Record<BackendName, string>> = {
  cpu: 'training runs in plain JavaScript, much slower',
  wasm: 'training runs in WebAssembly instead',
  webgl: 'training runs on WebGL',
  webgpu: 'training runs on WebGPU',
};

const NAMES: Readonly<Record<BackendName, string>> = {
  wasm: 'WebAssembly',
  webgl: 'WebGL',
  webgpu: 'WebGPU',
  cpu: 'JavaScript',
};

/**
 * Returns why a backend does not start, as a text for the visitor. If it is known which feature is missing, the text
 * names the missing feature. Otherwise the text quotes the error message of the backend.
 */
const whyNot = (name: BackendName, error: unknown): string => {
  const said = error instanceof Error ? error.message : String(error);
  if (name === 'wasm' && typeof WebAssembly !== 'object') return 'this browser has no WebAssembly';
  if (name === 'wasm' && /lacks.*SIMD/.test(said)) return 'this browser has no WebAssembly SIMD';
  if (/float/.test(said)) return `${NAMES[name]} offers only 16-bit numbers here: too inaccurate for densities`;
  if (/is not available/.test(said)) return `this browser offers no ${name === 'webgl' ? 'WebGL 2' : NAMES[name]}`;
  return `${NAMES[name]} does not start here (${isFlowError(error) ? error.what : said.split(/[:.](?= |$)/)[0]!})`;
};

const sentence = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
