import type { IncomingMessage } from 'node:http';

export interface StaticServer {
  readonly origin: string;
  /** Of the folder's `index.html`. */
  readonly address: string;
  close(): void;
}

export interface StaticOptions {
  /** Where the folder lies on the host: `/`, or `/some/where/`. */
  readonly path?: string;
  /** Sent along with every answer of that moment. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** Asked first: a status answers the request, without content; `undefined` leaves it to the folder. */
  readonly answer?: (pathname: string, request: IncomingMessage) => Promise<number | undefined>;
}

export declare const serveFolder: (folder: string, options?: StaticOptions) => Promise<StaticServer>;
