import { FlowError } from '@impflow/core';
import type { Address } from './address.ts';

/** Description of a failure to connect to Redis, and whether another attempt would be useless. */
export interface Explained {
  readonly error: FlowError;
  readonly final: boolean;
}

/**
 * Whether an error only means that the connection to Redis is broken or not yet established, so that another attempt
 * may succeed.
 */
export const isConnectionError = (error: unknown): boolean => {
  const { code, message } = error as NodeJS.ErrnoException;
  return (
    /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE)/.test(String(code)) ||
    /Connection is closed|connection close|ECONNREFUSED|^LOADING|Command timed out/.test(message)
  );
};

/**
 * Returns a description of why a connection to Redis fails. An error of ioredis is never attached as the cause, because
 * its fields contain the arguments of the command, and these include the password.
 */
export const explain = (failure: Error | undefined, { shown, hide }: Address, at: string): Explained => {
  const message = hide(failure?.message ?? 'no answer');
  const code = String((failure as NodeJS.ErrnoException | undefined)?.code);
  if (/NOAUTH|WRONGPASS|invalid (username-)?password/i.test(message)) {
    const wanted = message.includes('NOAUTH');
    return final(
      new FlowError('option', at, `Redis at ${shown} ${wanted ? 'requires a password' : 'refuses the password'}`, {
        hint: 'Put the password into the address, redis://:PASSWORD@host, or give it separately.',
      }),
    );
  }
  if (message.includes('NOPERM')) {
    return final(
      new FlowError('option', at, `Redis at ${shown} denies this user a command that a queue needs`, { got: message }),
    );
  }
  if (message.includes('DB index')) {
    return final(
      new FlowError('option', at, `Redis at ${shown} has no such database`, {
        hint: 'Leave out the database number in the address.',
      }),
    );
  }
  if (/^(ERR_TLS|ERR_SSL|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|EPROTO)/.test(code)) {
    return final(
      new FlowError('option', at, `No TLS with Redis at ${shown}`, {
        expected: 'a trusted certificate for that host name',
        got: message.trim().split('\n')[0]!,
        hint: 'Set NODE_EXTRA_CA_CERTS to the certificate file of the authority. To connect without TLS, write redis://.',
      }),
    );
  }
  return {
    final: false,
    error: new FlowError('worker', at, `No Redis at ${shown}`, {
      expected: 'a server that answers',
      got: WORDS[code] ?? message,
      hint: /closed|no answer|ECONNRESET/.test(`${message} ${code}`)
        ? 'Start Redis or Valkey, or correct the address; if the server uses TLS, write rediss://.'
        : 'Start Redis or Valkey, or correct the address.',
    }),
  };
};

const final = (error: FlowError): Explained => ({ error, final: true });

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'a refused connection',
  ENOTFOUND: 'no machine of that name',
  EAI_AGAIN: 'no machine of that name',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to that machine',
  ENETUNREACH: 'no route to that machine',
  ECONNRESET: 'a closed connection',
};
