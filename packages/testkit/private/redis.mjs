// Starts a real Redis (or Valkey) server for tests and measurements. The server accepts connections from this machine
// only, on a free port. The append-only file of the server is in a temporary folder, so that the server can be killed
// and started again with its data.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @typedef {object} RedisServer
 * @property {string} url Address, with the password if there is one.
 * @property {number} port
 * @property {string} folder Folder of its append-only file.
 * @property {() => Promise<void>} kill Ends the server by `SIGKILL`.
 * @property {() => Promise<void>} restart Starts the server again on the same port, with the data in its append-only
 * file.
 * @property {(signal: 'SIGSTOP' | 'SIGCONT') => void} signal Suspends the server, or resumes it.
 * @property {() => Promise<void>} stop Ends the server and removes its folder.
 */

/**
 * @typedef {object} RedisServerOptions
 * @property {string} [password] Default: none.
 * @property {{ readonly cert: string; readonly key: string }} [tls] Files of the certificate and its key. Default: no
 *   TLS.
 * @property {readonly string[]} [args] More arguments of `redis-server`.
 */

// Data in the file survives SIGKILL even if it was not yet synchronized with the disk.
const COMMON = '--bind 127.0.0.1 --maxmemory-policy noeviction --appendonly yes --appendfsync everysec --save'
  .split(' ')
  .concat('');

/** Name of the server's program on this machine; undefined if it is not installed. */
const program = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);

/**
 * The reason why tests with Redis are skipped on this machine; undefined if they run. With the environment variable
 * `IMPFLOW_SERVICES=required`, tests with Redis are never skipped.
 */
export const noRedis =
  program === undefined && process.env['IMPFLOW_SERVICES'] !== 'required'
    ? 'redis-server is missing (Debian: apt-get install redis-server)'
    : undefined;

/** Returns a port that is free now. @returns {Promise<number>} */
export const freePort = async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
};

/**
 * Starts a server, and resolves when the server answers.
 *
 * @param {RedisServerOptions} [options]
 * @returns {Promise<RedisServer>}
 */
export const startRedis = async ({ password, tls, args = [] } = {}) => {
  if (program === undefined) throw new Error('redis-server is missing (Debian: apt-get install redis-server)');
  const folder = await mkdtemp(join(tmpdir(), 'impflow-redis-'));
  const port = await freePort();
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  const start = async () => {
    child = spawn(
      program,
      [
        ...COMMON,
        '--dir',
        folder,
        ...(password === undefined ? [] : ['--requirepass', password]),
        ...(tls === undefined
          ? ['--port', String(port)]
          : ['--port', '0', '--tls-port', String(port), '--tls-cert-file', tls.cert, '--tls-key-file', tls.key]),
        ...(tls === undefined ? [] : ['--tls-ca-cert-file', tls.cert, '--tls-auth-clients', 'no']),
        ...args,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await ready(child);
  };
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    url: `${tls === undefined ? 'redis' : 'rediss'}://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`,
    port,
    folder,
    kill,
    restart: async () => {
      await kill();
      await start();
    },
    signal: (name) => void child?.kill(name),
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/**
 * Resolves when a server reports that it is ready.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<void>}
 */
const ready = (child) =>
  new Promise((resolve, reject) => {
    let log = '';
    child.stdout?.on('data', (text) => {
      log += String(text);
      if (log.includes('Ready to accept connections')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`redis-server did not start: ${log.slice(-500)}`)));
  });
