import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { refusal } from './refusal.ts';

/** The host at which a server listens, and further names under which clients may address it. */
interface Hosts {
  readonly host: string;
  readonly allowHost?: readonly string[];
}

/**
 * Makes a server refuse requests whose header `host` names another host. A web page can make its own name point to this
 * machine (DNS rebinding). The browser then sends the page's requests to this server, and the page reads the responses.
 * Such requests have the name of the page in the header `host`.
 */
export const refuseForeignHosts = (app: FastifyInstance, hosts: Hosts): void => {
  app.addHook('onRequest', (request, _, done) => {
    const { host } = request.headers;
    if (host !== undefined && isKnownHost(nameOf(host), hosts)) return done();
    done(
      refusal(403, 'Unknown host', {
        expected: `a header host that names ${['localhost', hosts.host, ...(hosts.allowHost ?? [])].join(' or ')}`,
        got: host ?? 'no such header',
        hint: 'Start the server with --allow-host and this name.',
      }),
    );
  });
};

/** Returns whether a name without a port is a name of the server. */
const isKnownHost = (name: string, { host, allowHost = [] }: Hosts): boolean =>
  isLoopback(name) ||
  [host, ...allowHost].some((known) => known.toLowerCase() === name) ||
  // A server that listens at all addresses of the machine has any of them. A page has a name, not an address.
  ((host === '0.0.0.0' || host === '::') && isIP(name) !== 0);

/** Returns whether only programs of this machine reach a host: `localhost` or an address of the machine for itself. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** Removes the port from the header `host`, and the brackets around an IPv6 address. */
const nameOf = (header: string): string => {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(header.trim().toLowerCase()) ?? [];
  return bracketed ?? plain ?? '';
};
