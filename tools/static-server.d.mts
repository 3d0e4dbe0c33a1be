import type { IncomingMessage } from 'node:http';

export interface StaticServer {
  readonly origin: string;
  /** URL of the folder's `index.html`. */
  readonly address: string;
  close(): void;
}

export interface StaticOptions {
  /** Path of the folder on the host: `/`, or `/some/where/`. */
  readonly path?: string;
  /** Headers of every response; read at each request. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** Called first: a status answers the request without content; `undefined` serves the file. */
  readonly answer?: (pathname: string, request: IncomingMessage) => Promise<number | undefined>;
}

export declare const serveFolder: (folder: string, options?: StaticOptions) => Promise<StaticServer>;
