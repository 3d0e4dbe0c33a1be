// `node tools/serve/load.mjs [--requests 1000] [--connections 10]`: load on `impflow serve` over the loopback, with a
// freshly trained model of the penguins: one row in each request, then a hundred. Prints a table.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { machine, versions } from '../bench/machine.mjs';
import { tableText } from '../markdown.mjs';

/**
 * The fields used from a result of autocannon.
 *
 * @typedef {object} Result
 * @property {{ average: number; total: number }} requests Per second, and in all.
 * @property {{ p50: number; p99: number; max: number }} latency In milliseconds.
 * @property {number} errors
 * @property {number} timeouts
 * @property {number} non2xx
 * @property {number} duration In seconds.
 */

/** @typedef {Readonly<Record<string, string | number | null>>} Row */

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '1000' }, connections: { type: 'string', default: '10' } },
});
const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'apps/trainer/bin/impflow.mjs');
const trainer = createRequire(join(root, 'apps/trainer/package.json'));
/** @type {(options: object) => Promise<Result>} */
const autocannon = trainer('autocannon');

const folder = mkdtempSync(join(tmpdir(), 'impflow-load-'));
/** @type {readonly Row[]} */
const all = JSON.parse(
  readFileSync(join(dirname(dirname(trainer.resolve('vega-datasets'))), 'data/penguins.json'), 'utf8'),
);
const rows = all.filter((row) => Object.values(row).every((cell) => cell !== null && cell !== '.'));
const names = Object.keys(rows[0]);
writeFileSync(join(folder, 'rows.csv'), [names, ...rows.map((row) => names.map((name) => row[name]))].join('\n'));
const run = join(folder, 'run');
const train = ['train', '--data', join(folder, 'rows.csv'), '--steps', '100', '--out', run, '--quiet'];
const trained = spawnSync(process.execPath, [program, ...train], { encoding: 'utf8' });
if (trained.status !== 0) throw new Error(trained.stderr);

const server = spawn(process.execPath, [program, 'serve', run, '--port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
const url = await new Promise((resolve) => {
  let said = '';
  server.stderr.on('data', (chunk) => {
    said += chunk;
    const found = /at (http:\S+),/.exec(said);
    if (found !== null) resolve(found[1]);
  });
});

/** Resident memory of the server, in MB. */
const memory = async () => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / 2 ** 20;
};

/**
 * @param {number} count Rows of each request.
 * @param {number} requests
 */
const load = async (count, requests) => {
  const before = await memory();
  const result = await autocannon({
    url: `${url}/score`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(Array.from({ length: count }, (_, i) => rows[i % rows.length])),
    amount: requests,
    connections: Number(values.connections),
    timeout: 60,
  });
  const { latency, errors, timeouts, non2xx, duration } = result;
  return [
    count,
    requests,
    (requests / duration).toFixed(0),
    ((requests * count) / duration).toFixed(0),
    latency.p50,
    latency.p99,
    errors + timeouts + non2xx,
    before.toFixed(0),
    (await memory()).toFixed(0),
  ];
};

try {
  const requests = Number(values.requests);
  const table = [await load(1, requests), await load(1, requests), await load(100, Math.ceil(requests / 10))];
  const { cpu, cores } = machine();
  const { node, impflow } = versions();
  const head = ['rows', 'requests', 'requests/s', 'rows/s', 'p50 ms', 'p99 ms', 'errors', 'MB before', 'MB after'];
  console.log(`${cpu}, ${cores} cores; node ${node}, impflow ${impflow}; ${values.connections} at once, loopback\n`);
  console.log(tableText(head, table));
} finally {
  server.kill('SIGTERM');
  rmSync(folder, { recursive: true });
}
