import type { IncomingMessage } from 'node:http';
import { serveFolder } from '../../../testkit/private/static-server.mjs';

export interface Server {
  readonly origin: string;
  /** Sets whether later responses have the headers of cross-origin isolation. */
  isolate(on: boolean): void;
  /** Resolves with the next JSON that a page posts to `/outcome`. */
  outcome(): Promise<unknown>;
  close(): void;
}

/**
 * The policy forbids inline scripts, `eval`, `data:`, `blob:` and other servers. The policy allows the compilation of
 * WebAssembly.
 */
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** Serves a folder with strict headers. */
export const serve = async (folder: string): Promise<Server> => {
  let isolated = false;
  let arrived: (outcome: unknown) => void = () => {};
  const { origin, close } = await serveFolder(folder, {
    headers: () => ({ 'Content-Security-Policy': POLICY, ...(isolated ? ISOLATION : {}) }),
    answer: async (pathname, request) => {
      if (pathname !== '/outcome') return undefined;
      arrived(JSON.parse(await textOf(request)));
      return 204;
    },
  });
  return {
    origin,
    close,
    isolate: (on) => {
      isolated = on;
    },
    outcome: () =>
      new Promise((resolve) => {
        arrived = resolve;
      }),
  };
};

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
  return text;
};
