import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

export interface Server {
  readonly origin: string;
  /** With the headers of cross-origin isolation or without, from now on. */
  isolate(on: boolean): void;
  /** The next JSON that a page posts to `/outcome`. */
  outcome(): Promise<unknown>;
  close(): void;
}

/** No inline scripts, no `eval`, no `data:`, no `blob:`, nobody else's server; compiling WebAssembly is allowed. */
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** Serves a folder as a careful web server would. */
export const serve = async (folder: string): Promise<Server> => {
  let isolated = false;
  let arrived: (outcome: unknown) => void = () => {};
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const respond = (status: number, type: string, body: Buffer | string): void => {
      response.writeHead(status, { 'Content-Type': type, 'Content-Security-Policy': POLICY, ...(isolated ? ISOLATION : {}) }).end(body);
    };
    if (pathname === '/outcome') {
      arrived(JSON.parse(await textOf(request)));
      return respond(204, 'text/plain', '');
    }
    // Browsers ask for it unasked.
    if (pathname === '/favicon.ico') return respond(204, 'image/x-icon', '');
    const path = pathname === '/' ? '/index.html' : normalize(pathname);
    const body = await readFile(join(folder, path)).catch(() => undefined);
    if (body === undefined) return respond(404, 'text/plain', 'Not found');
    return respond(200, TYPES[extname(path)] ?? 'application/octet-stream', body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isolate: (on) => { isolated = on; },
    outcome: () => new Promise((resolve) => { arrived = resolve; }),
    close: () => { server.closeAllConnections(); server.close(); },
  };
};

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
  return text;
};
