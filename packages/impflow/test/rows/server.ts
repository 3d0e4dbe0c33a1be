import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, extname, join } from 'node:path';

/** A running HTTP server for the files of a folder. */
export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/** Content types of files, by the first folder of their addresses. */
const TYPES: Readonly<Record<string, string>> = {
  typed: 'text/csv; charset=utf-8',
  page: 'text/html; charset=utf-8',
  untyped: 'image/gif',
};

/** Returns the name of the file that the server sends for an address. */
const named = (pathname: string): string =>
  extname(pathname) === '' ? `${basename(pathname)}.csv` : basename(pathname);

/**
 * Serves the files of a folder on this machine. Below `/typed/`, `/page/` and `/untyped/`, the server sends the files
 * with the types in `TYPES`. If the address has no extension, the server sends the file with this name and the
 * extension `.csv`.
 */
export const serverOf = async (folder: string): Promise<Served> => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    try {
      const bytes = readFileSync(join(folder, named(pathname)));
      const type = TYPES[pathname.split('/')[1]!];
      response.writeHead(200, type === undefined ? {} : { 'content-type': type }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
};
