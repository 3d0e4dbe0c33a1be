// A static web server for tests and measurements in a browser: serves a folder under a path, with headers that may
// change between visits.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

/**
 * @typedef {object} StaticServer
 * @property {string} origin
 * @property {string} address URL of the folder's `index.html`.
 * @property {() => void} close
 */

/**
 * @typedef {object} StaticOptions
 * @property {string} [path] Path of the folder on the host: `/`, or `/some/where/`.
 * @property {() => Readonly<Record<string, string>>} [headers] Headers of every response; read at each request.
 * @property {(pathname: string, request: import('node:http').IncomingMessage) => Promise<number | undefined>} [answer]
 * Called before a file is sent. If the function returns a status, the server responds with this status and no content.
 * If the function returns `undefined`, the server sends the file.
 */

/** @type {Readonly<Record<string, string>>} */
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/**
 * Serves a folder on a free port of this machine.
 *
 * @param {string} folder
 * @param {StaticOptions} [options]
 * @returns {Promise<StaticServer>}
 */
export const serveFolder = async (folder, { path = '/', headers = () => ({}), answer } = {}) => {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    /**
     * @param {number} status
     * @param {string} type
     * @param {string | Buffer} body
     */
    const respond = (status, type, body) =>
      response.writeHead(status, { 'Content-Type': type, ...headers() }).end(body);
    const answered = await answer?.(pathname, request);
    if (answered !== undefined) return respond(answered, 'text/plain', '');
    // Browsers request this icon automatically for every page.
    if (pathname === '/favicon.ico') return respond(204, 'image/x-icon', '');
    const file = pathname.startsWith(path) ? pathname.slice(path.length) || 'index.html' : undefined;
    const body =
      file === undefined ? undefined : await readFile(join(folder, normalize(`/${file}`))).catch(() => undefined);
    return file === undefined || body === undefined
      ? respond(404, 'text/plain', 'Not found')
      : respond(200, TYPES[extname(file)] ?? 'application/octet-stream', body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    address: `${origin}${path}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
