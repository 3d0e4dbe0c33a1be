// `npm run measure -- serve`: measures `impflow serve` under load over the loopback, with a newly trained model of the
// penguins.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableText } from '../markdown.mjs';
import { IMPFLOW, impflow } from '../measure/child.mjs';
import { measuredOn } from '../measure/page.mjs';
import { vega } from '../study/vega.mjs';

const trainer = createRequire(new URL('../../apps/trainer/package.json', import.meta.url));

/** @type {import('../measure/measure.mjs').Program} */
export const program = {
  name: 'serve',
  about: 'Load on `impflow serve`: requests and rows per second, latency, memory.',
  options: {
    requests: { value: 1000, help: 'requests of one row; a tenth as many of a hundred rows' },
    connections: { value: 10, help: 'connections at the same time' },
  },
  jobs: () => [1, 100].map((count) => ({ job: `${count} rows`, count })),
  run: async ({ count }, { values: { requests, connections } }) => {
    const folder = mkdtempSync(join(tmpdir(), 'impflow-load-'));
    try {
      const rows = penguins(join(folder, 'rows.csv'));
      const model = join(folder, 'run');
      await impflow(['train', '--data', join(folder, 'rows.csv'), '--steps', 100, '--out', model]);
      const body = JSON.stringify(Array.from({ length: count }, (_, i) => rows[i % rows.length]));
      const amount = Math.ceil(requests / (count > 1 ? 10 : 1));
      return await underLoad(model, async (url) => {
        const before = await memoryOf(url);
        const load = () =>
          trainer('autocannon')({
            url: `${url}/score`,
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body,
            amount,
            connections,
            timeout: 60,
          });
        // The first load is not measured: V8 compiles the code of the server in it.
        await load();
        const { latency, errors, timeouts, non2xx, duration } = await load();
        return {
          requests: amount,
          connections,
          duration,
          p50: latency.p50,
          p99: latency.p99,
          failed: errors + timeouts + non2xx,
          before,
          after: await memoryOf(url),
        };
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  pages: (records) => ({ '': `${loadTable(records)}\n\n${measuredOn(records)}\n` }),
};

/**
 * Writes the complete rows of the penguins, and returns them.
 *
 * @param {string} file
 * @returns {readonly Readonly<Record<string, string | number>>[]}
 */
const penguins = (file) => {
  const rows = vega('penguins.json').filter((row) => Object.values(row).every((cell) => cell !== null && cell !== '.'));
  const names = Object.keys(rows[0]);
  writeFileSync(file, [names, ...rows.map((row) => names.map((name) => row[name]))].join('\n'));
  return rows;
};

/**
 * Serves a model while `load` runs.
 *
 * @template T
 * @param {string} model
 * @param {(url: string) => Promise<T>} load
 */
const underLoad = async (model, load) => {
  const server = spawn(process.execPath, [IMPFLOW, 'serve', model, '--port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    return await load(
      await new Promise((resolve) => {
        let said = '';
        server.stderr.on('data', (chunk) => {
          said += chunk;
          const found = /at (http:\S+),/.exec(said);
          if (found !== null) resolve(found[1]);
        });
      }),
    );
  } finally {
    server.kill('SIGTERM');
  }
};

/**
 * Returns the resident memory of the server, in MB.
 *
 * @param {string} url
 */
const memoryOf = async (url) => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / 2 ** 20;
};

/** @param {readonly any[]} records */
const loadTable = (records) =>
  tableText(
    ['rows', 'requests', 'connections', 'requests/s', 'rows/s', 'p50 ms', 'p99 ms', 'errors', 'MB before', 'MB after'],
    records.map(({ count, requests, connections, duration, p50, p99, failed, before, after }) => [
      count,
      requests,
      connections,
      (requests / duration).toFixed(0),
      ((requests * count) / duration).toFixed(0),
      p50,
      p99,
      failed,
      before.toFixed(0),
      after.toFixed(0),
    ]),
  );
