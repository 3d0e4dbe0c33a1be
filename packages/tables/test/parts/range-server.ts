import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** An HTTP server for the files in a folder. */
export interface RangeServer {
  readonly url: string;
  /** Returns the total number of bytes that the server has sent. */
  sent(): number;
  close(): Promise<void>;
}

/**
 * Starts an HTTP server for the files in a folder. Without `ranges`, the server ignores the requested range of bytes
 * and sends the whole file. The first `failures` responses are errors.
 */
export const rangeServer = async (
  folder: string,
  ranges: boolean = true,
  failures: number = 0,
): Promise<RangeServer> => {
  let sent = 0;
  const server: Server = createServer((request, response) => {
    if (failures-- > 0) {
      response.writeHead(503).end('try again');
      return;
    }
    const path = join(folder, decodeURIComponent(new URL(request.url!, 'http://localhost').pathname));
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch {
      response.writeHead(404).end('no such file');
      return;
    }
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (!ranges || range === null) {
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
      return;
    }
    const [from, to] = [Number(range[1]), Math.min(Number(range[2]) + 1, bytes.length)];
    if (from >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    sent += to - from;
    response
      .writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${bytes.length}`, 'content-length': to - from })
      .end(bytes.subarray(from, to));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => sent,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
