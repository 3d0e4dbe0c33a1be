import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freePort, noRedis, startRedis } from '../../../testkit/private/redis.mjs';
import { queueRunner, startWorker, type ConnectionEvent, type WorkerEvent } from '../../src/index.ts';
import { afterwards, errorOf, temporaryFolder } from './harness.ts';

const handler = async (): Promise<string> => 'done';

test.each([
  ['127.0.0.1:6379', '"127.0.0.1:6379"'],
  ['http://localhost', '"http://localhost"'],
  ['redis://:secret@/x', '"redis://…@/x"'],
  ['redis:secret@localhost', '"redis:…@localhost"'],
  ['redis://:50%@localhost', '"redis://…@localhost"'],
  ['redis://:se#cret@localhost', '"redis://…@localhost"'],
  ['redis://localhost?db=3', '"redis://localhost?db=3"'],
  ['redis://user:secret@localhost/first', '"redis://…@localhost/first"'],
])('queueRunner and startWorker refuse the invalid address %s', async (url, got) => {
  await expect(queueRunner({ url })).rejects.toMatchObject({ code: 'option', got });
  await expect(startWorker({ url, handler })).rejects.toMatchObject({ code: 'option', got });
});

test('queueRunner and startWorker check their options before they connect to Redis', async () => {
  const url = 'redis://127.0.0.1:1';
  await expect(queueRunner({ url, queue: 'a:b' })).rejects.toMatchObject({ code: 'option', got: '"a:b"' });
  await expect(startWorker({ url, handler, concurrency: 0 })).rejects.toMatchObject({ code: 'option' });
  await expect(startWorker({ url, handler, lockMs: 20 })).rejects.toMatchObject({ code: 'option' });
});

test('queueRunner throws within seconds if there is no Redis server', async () => {
  const port = await freePort();
  const error = await errorOf(queueRunner({ url: `redis://:secret@127.0.0.1:${port}` }));
  expect(error).toMatchObject({ code: 'worker', got: 'a refused connection' });
  expect((error as Error).message).toBe(
    `[queue/queueRunner] No Redis at redis://127.0.0.1:${port}: expected a server that answers, got a refused connection. Start Redis or Valkey, or correct the address.`,
  );
});

test('queueRunner throws if the server sends nothing or is not Redis', async () => {
  for (const greeting of ['', 'HTTP/1.1 400 Bad Request\r\n\r\n']) {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => void (greeting !== '' && socket.end(greeting)));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    afterwards(() => server.close());
    const url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(queueRunner({ url })).rejects.toMatchObject({ code: 'worker', what: `No Redis at ${url}` });
  }
});

describe.skipIf(noRedis !== undefined)(`connections to Redis${noRedis === undefined ? '' : `: ${noRedis}`}`, () => {
  test('a password is read from the address or the options, and error messages do not show it', async () => {
    const redis = await startRedis({ password: 'geheim#1' });
    afterwards(redis.stop);
    const host = `127.0.0.1:${redis.port}`;
    await expect(queueRunner({ url: `redis://${host}` })).rejects.toMatchObject({
      code: 'option',
      what: `Redis at redis://${host} requires a password`,
    });
    const wrong = await errorOf(queueRunner({ url: `redis://:falsch99@${host}` }));
    expect(wrong).toMatchObject({ code: 'option', what: `Redis at redis://${host} refuses the password` });
    expect(JSON.stringify(wrong) + (wrong as Error).stack + String((wrong as Error).cause)).not.toContain('falsch99');
    const runner = await queueRunner({ url: `redis://default:geheim%231@${host}` });
    afterwards(runner.close);
    const worker = await startWorker({ url: `redis://${host}`, connection: { password: 'geheim#1' }, handler });
    afterwards(worker.close);
    expect(await runner.run({ n: 1 })).toBe('done');
  });

  test('a TLS certificate that is not trusted is accepted only if the option `connection.ca` contains it', async () => {
    const folder = await temporaryFolder();
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const request = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1';
    const made = spawnSync('openssl', [...request.split(' '), '-keyout', key, '-out', cert]);
    expect(made.status, String(made.stderr)).toBe(0);
    const redis = await startRedis({ tls: { cert, key } });
    afterwards(redis.stop);
    await expect(queueRunner({ url: redis.url })).rejects.toMatchObject({
      code: 'option',
      what: `No TLS with Redis at ${redis.url}`,
    });
    // A client without TLS connects to a server that requires TLS.
    await expect(queueRunner({ url: redis.url.replace('rediss', 'redis') })).rejects.toMatchObject({
      code: 'worker',
      hint: expect.stringContaining('rediss://') as string,
    });
    const connection = { ca: await readFile(cert, 'utf8') };
    const runner = await queueRunner({ url: redis.url, connection });
    afterwards(runner.close);
    const worker = await startWorker({ url: redis.url, connection, handler });
    afterwards(worker.close);
    expect(await runner.run({ n: 1 })).toBe('done');
  });

  test('if the Redis server drops keys when its memory is full, the event `warning` is sent and nothing is printed', async () => {
    const redis = await startRedis({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    afterwards(redis.stop);
    const events: (ConnectionEvent | WorkerEvent)[] = [];
    const onEvent = (event: ConnectionEvent | WorkerEvent): void => void events.push(event);
    const runner = await queueRunner({ url: redis.url, onEvent });
    afterwards(runner.close);
    const worker = await startWorker({ url: redis.url, handler, onEvent });
    afterwards(worker.close);
    expect(events).toEqual(
      [1, 2].map(() => ({ type: 'warning', message: expect.stringContaining('allkeys-lru') as string })),
    );
  });

  test('queueRunner throws for a Redis cluster and for a database that does not exist', async () => {
    const cluster = await startRedis({ args: ['--cluster-enabled', 'yes'] });
    afterwards(cluster.stop);
    await expect(queueRunner({ url: cluster.url })).rejects.toMatchObject({ code: 'unsupported' });
    const redis = await startRedis();
    afterwards(redis.stop);
    await expect(queueRunner({ url: `${redis.url}/9999` })).rejects.toMatchObject({
      code: 'option',
      what: `Redis at ${redis.url}/9999 has no such database`,
    });
  });

  test('a worker runs only tasks of the queue with its name, in its database', async () => {
    const redis = await startRedis();
    afterwards(redis.stop);
    const worker = await startWorker({ url: redis.url, queue: 'one', handler });
    afterwards(worker.close);
    const [one, two, three] = await Promise.all([
      queueRunner({ url: redis.url, queue: 'one' }),
      queueRunner({ url: redis.url, queue: 'two' }),
      queueRunner({ url: `${redis.url}/3`, queue: 'one' }),
    ]);
    for (const runner of [one, two, three]) afterwards(runner!.close);
    const others = [two, three].map((runner) => errorOf(runner!.run({ n: 1 })));
    expect(await one!.run({ n: 1 })).toBe('done');
    expect((await two!.counts()).waiting + (await three!.counts()).waiting).toBe(2);
    await Promise.all([two!.close(), three!.close()]);
    for (const error of await Promise.all(others)) expect(error).toMatchObject({ code: 'worker' });
  });
});
