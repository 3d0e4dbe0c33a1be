import { FlowError } from '@impflow/core';

/** Credentials that are given separately from the address, and override the address. */
export interface RedisAccess {
  /** Name of the user. Default: the user in the address, else the server's default user. */
  readonly username?: string;
  /**
   * Password. Other users of this machine can read an address given on a command line. Default: the password in the
   * address.
   */
  readonly password?: string;
  /**
   * Certificates, in PEM, of the authorities that may sign the server's certificate. Default: the authorities that Node
   * trusts, including those in the file that `NODE_EXTRA_CA_CERTS` names.
   */
  readonly ca?: string;
}

/** A parsed address. */
export interface Address {
  /** The address without a password, for messages. */
  readonly shown: string;
  /** Where ioredis connects. */
  readonly redis: {
    readonly host: string;
    readonly port: number;
    readonly db: number;
    readonly username?: string;
    readonly password?: string;
    readonly tls?: { readonly ca?: string };
  };
  /** Hides the password in a text from another program. */
  readonly hide: (text: string) => string;
}

/**
 * Reads `redis://[user:password@]host[:port][/database]`, or `rediss://…` with TLS.
 *
 * @throws `option` for any other address.
 */
export const readAddress = (url: string, { username, password, ca }: RedisAccess, at: string): Address => {
  const parsed = parse(url);
  if (parsed === undefined) {
    throw new FlowError('option', at, 'Wrong address of Redis', {
      expected: 'redis://host:6379, or rediss://host:6379 with TLS',
      // The address may contain a password, which is hidden.
      got: `"${url.replace(/^([a-z]*:\/*)?.*@/i, '$1…@')}"`,
      hint: 'In a user or a password, write special characters as %23 for #.',
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
