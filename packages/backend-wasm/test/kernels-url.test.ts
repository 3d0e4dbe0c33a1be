import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { wasm } from '@impflow/backend-wasm';
import { afterAll, beforeAll, expect, it } from 'vitest';

let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer(async ({ url }, response) => {
    if (url === '/page') return response.end('<!doctype html>');
    if (url !== '/relaxed.wasm' && url !== '/simd.wasm') return response.writeHead(404).end();
    return response.end(await readFile(new URL(`../generated${url}`, import.meta.url)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

it.each(['relaxed', 'simd'] as const)(
  '`kernelsUrl` with two URLs: the URL of the %s build is fetched',
  async (simd) => {
    const backend = await wasm({
      simd,
      kernelsUrl: { relaxed: `${origin}/relaxed.wasm`, simd: new URL('/simd.wasm', origin) },
    }).start();
    expect(backend.capabilities.kernels).toBe(simd);
    backend.dispose();
  },
);

it.each([
  [
    'no file at the URL',
    '/nowhere',
    'No kernels at http://127.0.0.1:[0-9]+/nowhere: expected a .wasm file of this package, got HTTP 404.',
  ],
  [
    'a file that is not WebAssembly',
    '/page',
    'The file at http://127.0.0.1:[0-9]+/page does not run here: expected the simd build of this version, got CompileError',
  ],
])('a wrong `kernelsUrl` makes `start` throw an error that describes the cause: %s', async (_what, path, message) => {
  await expect(wasm({ simd: 'simd', kernelsUrl: `${origin}${path}` }).start()).rejects.toThrow(
    new RegExp(`^\\[backend-wasm/start\\] ${message}`),
  );
});

it('a `kernelsUrl` without a server makes `start` throw an error that describes the cause', async () => {
  await expect(wasm({ simd: 'simd', kernelsUrl: 'http://127.0.0.1:1/simd.wasm' }).start()).rejects.toThrow(
    '[backend-wasm/start] No kernels at http://127.0.0.1:1/simd.wasm: ',
  );
});
