import { FlowError } from '@impflow/core';

/** What lets a program in, besides the address. Options here go before those of the address. */
export interface RedisAccess {
  /** Name of the user. Default: that of the address, else the server's default user. */
  readonly username?: string;
  /** Password. Others on this machine can read an address given on a command line. Default: that of the address. */
  readonly password?: string;
  /**
   * Certificates, in PEM, of the authorities that may sign the server's certificate. Default: those that Node trusts,
   * with the file that `NODE_EXTRA_CA_CERTS` names.
   */
  readonly ca?: string;
}

/** An address that was read. */
export interface Address {
  /** The address without a password, for messages. */
  readonly shown: string;
  /** Where ioredis connects. */
  readonly redis: {
    readonly host: string;
    readonly port: number;
    readonly db?: number;
    readonly username?: string;
    readonly password?: string;
    readonly tls?: { readonly ca?: string };
  };
  /** Hides the password in a text of others. */
  readonly hide: (text: string) => string;
}

/**
 * Reads `redis://[user:password@]host[:port][/database]`, or `rediss://…` with TLS.
 *
 * @throws `option`: not such an address.
 */
export const readAddress = (url: string, { username, password, ca }: RedisAccess, at: string): Address => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const database = parsed?.pathname.replace(/^\/$/, '') ?? '';
  if (
    parsed === undefined ||
    !['redis:', 'rediss:'].includes(parsed.protocol) ||
    parsed.hostname === '' ||
    !/^(\/\d+)?$/.test(database)
  ) {
    throw new FlowError('option', at, 'Wrong address of Redis', {
      expected: 'redis://host:6379, or rediss://host:6379 with TLS',
      got: `"${url.replace(/\/\/.*@/, '//…@')}"`,
    });
  }
  const secret = password ?? decodeURIComponent(parsed.password);
  const user = username ?? decodeURIComponent(parsed.username);
  const tls = parsed.protocol === 'rediss:';
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  return {
    shown: `${parsed.protocol}//${parsed.host}${database}`,
    redis: {
      host,
      port: parsed.port === '' ? 6379 : Number(parsed.port),
      ...(database === '' ? {} : { db: Number(database.slice(1)) }),
      ...(user === '' ? {} : { username: user }),
      ...(secret === '' ? {} : { password: secret }),
      ...(tls ? { tls: ca === undefined ? {} : { ca } } : {}),
    },
    hide: (text) => (secret === '' ? text : text.replaceAll(secret, '…')),
  };
};
