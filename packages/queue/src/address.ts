import { FlowError } from '@impflow/core';

/**
 * Credentials for Redis that are given separately from the address. These credentials override the user and the
 * password in the address.
 */
export interface RedisAccess {
  /**
   * Name of the Redis user. Default: the user in the address. If the address has no user, the default user of the
   * server is used.
   */
  readonly username?: string;
  /**
   * Password for Redis. Use this option instead of an address on a command line, which other users of this machine can
   * read. Default: the password in the address.
   */
  readonly password?: string;
  /**
   * Certificates, in PEM format, of the certificate authorities that may sign the server's certificate. Default: the
   * authorities that Node trusts, including those in the file that `NODE_EXTRA_CA_CERTS` names.
   */
  readonly ca?: string;
}

/** A parsed address of a Redis server. */
export interface Address {
  /** The address without a password, for messages. */
  readonly shown: string;
  /** Host, port and other connection options for ioredis. */
  readonly redis: {
    readonly host: string;
    readonly port: number;
    readonly db: number;
    readonly username?: string;
    readonly password?: string;
    readonly tls?: { readonly ca?: string };
  };
  /** Replaces the password in a message that another program has written, such as an error of Redis. */
  readonly hide: (text: string) => string;
}

/**
 * Parses an address `redis://[user:password@]host[:port][/database]`, or `rediss://…` for a connection with TLS.
 *
 * @throws `option` for an address of any other form.
 */
export const readAddress = (url: string, { username, password, ca }: RedisAccess, at: string): Address => {
  const parsed = parse(url);
  if (parsed === undefined) {
    throw new FlowError('option', at, 'Wrong address of Redis', {
      expected: 'redis://host:6379, or rediss://host:6379 with TLS',
      // The address may contain a password, so the error shows the address without the password.
      got: `"${url.replace(/^([a-z]*:\/*)?.*@/i, '$1…@')}"`,
      hint: 'In a user name or a password, write special characters percent-encoded, such as %23 for #.',
    });
  }
  const { address, database } = parsed;
  const secret = password ?? parsed.password;
  const user = username ?? parsed.username;
  return {
    shown: `${address.protocol}//${address.host}${database === 0 ? '' : `/${database}`}`,
    redis: {
      host: address.hostname.replace(/^\[|\]$/g, ''),
      port: address.port === '' ? 6379 : Number(address.port),
      db: database,
      ...(user === '' ? {} : { username: user }),
      ...(secret === '' ? {} : { password: secret }),
      ...(address.protocol === 'rediss:' ? { tls: ca === undefined ? {} : { ca } } : {}),
    },
    hide: (text) => (secret === '' ? text : text.replaceAll(secret, '…')),
  };
};

interface Parsed {
  readonly address: URL;
  readonly database: number;
  readonly username: string;
  readonly password: string;
}

const parse = (url: string): Parsed | undefined => {
  try {
    const address = new URL(url);
    const { protocol, hostname, pathname, search, hash } = address;
    const wrong = !['redis:', 'rediss:'].includes(protocol) || hostname === '' || search !== '' || hash !== '';
    if (wrong || !/^\/?\d*$/.test(pathname)) return undefined;
    return {
      address,
      database: Number(pathname.slice(1)),
      username: decodeURIComponent(address.username),
      password: decodeURIComponent(address.password),
    };
  } catch {
    return undefined;
  }
};
