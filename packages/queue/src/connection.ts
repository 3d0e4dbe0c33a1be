import { FlowError } from '@impflow/core';
import { Redis } from 'ioredis';
import { readAddress, type RedisAccess } from './address.ts';
import type { ConnectionEvent } from './events.ts';
import { explain, isConnectionError } from './explain.ts';

/** A connection to Redis that reconnects automatically. */
export interface Connection {
  readonly client: Redis;
  /**
   * Sends the event `warning` for an error that occurs outside of a call. Errors that only report a lost connection are
   * ignored.
   */
  readonly report: (error: Error) => void;
  /** Calls `listener` each time the connection to Redis is restored. */
  readonly onReturn: (listener: () => void) => void;
  /** Closes the connection immediately. */
  readonly close: () => void;
}

/** How long `openConnection` waits for Redis, in milliseconds. */
const START_MS = 5_000;
/** Time limit, in milliseconds, for a server that accepts the connection but sends nothing. */
const SILENCE_MS = 9_000;

/**
 * Connects to Redis. The first connection must succeed within five seconds. If the connection breaks later, the client
 * tries to reconnect without a time limit.
 *
 * @throws `option`: wrong address, password or certificate; `worker`: no Redis; `unsupported`: Redis older than 6.2, or
 *   a cluster.
 */
export const openConnection = async (
  url: string,
  access: RedisAccess,
  onEvent: (event: ConnectionEvent) => void,
  at: string,
): Promise<Connection> => {
  const address = readAddress(url, access, at);
  const deadline = Date.now() + START_MS;
  let started = false,
    away = false,
    closed = false;
  const client = new Redis({
    ...address.redis,
    // BullMQ requires the value null for the number of retries. With null, commands wait while Redis cannot be reached.
    maxRetriesPerRequest: null,
    connectTimeout: START_MS,
    retryStrategy: (times) => (started || Date.now() < deadline ? Math.min(100 * times, 2_000) : null),
  });
  const told = new Map<string, number>();
  const report = (error: Error): void => {
    if (closed || isConnectionError(error)) return;
    const message = address.hide(error.message);
    if (Date.now() - (told.get(message) ?? -Infinity) < REPEAT_MS) return;
    if (told.size > 100) told.clear();
    told.set(message, Date.now());
    onEvent({ type: 'warning', message });
  };
  try {
    await new Promise<void>((resolve, reject) => {
      let last: Error | undefined;
      const silence = setTimeout(() => reject(explain(last, address, at).error), SILENCE_MS);
      const done = (): void => clearTimeout(silence);
      client.on('error', (error: Error) => {
        if (started) return report(error);
        last = error;
        const { final, error: words } = explain(error, address, at);
        if (!final) return;
        done();
        reject(words);
      });
      client.once('end', () => {
        done();
        reject(explain(last ?? new Error('closed'), address, at).error);
      });
      client.once('ready', () => {
        done();
        resolve();
      });
    });
    started = true;
    inspect(await client.info(), address.shown, onEvent, at);
  } catch (error) {
    closed = true;
    client.disconnect();
    throw error instanceof FlowError ? error : explain(error as Error, address, at).error;
  }
  client.on('close', () => {
    if (closed || away) return;
    away = true;
    onEvent({ type: 'disconnected' });
  });
  const listeners: (() => void)[] = [];
  client.on('ready', () => {
    if (closed || !away) return;
    away = false;
    onEvent({ type: 'connected' });
    for (const listener of listeners) listener();
  });
  return {
    client,
    report,
    onReturn: (listener) => void listeners.push(listener),
    close: () => {
      closed = true;
      client.disconnect();
    },
  };
};

/** Minimum time between two identical warnings, in milliseconds. */
const REPEAT_MS = 10_000;

/**
 * Throws if the Redis server is too old or is a cluster. Sends the event `warning` if the server may drop keys of the
 * queue. `info` is the reply of the server to the command `INFO`.
 */
const inspect = (info: string, shown: string, onEvent: (event: ConnectionEvent) => void, at: string): void => {
  const fields = new Map(
    info.split(/\r?\n/).map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)];
    }),
  );
  const version = fields.get('redis_version') ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 6 || (major === 6 && minor < 2)) {
    throw new FlowError('unsupported', at, `Redis at ${shown} is too old`, {
      expected: 'version 6.2 or later',
      got: version === '' ? 'none' : version,
    });
  }
  if (fields.get('cluster_enabled') === '1') {
    throw new FlowError('unsupported', at, `Redis at ${shown} is a cluster`, { hint: 'Use a single server.' });
  }
  const policy = fields.get('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction') {
    onEvent({
      type: 'warning',
      message: `Redis at ${shown} drops keys when its memory is full (maxmemory-policy ${policy}), so tasks may be lost: set maxmemory-policy to noeviction.`,
    });
  }
};
