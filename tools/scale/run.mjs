// `npm run scale`: rows per second of scoring and sampling, alone and through a queue; the memory of each process; tasks
// per second of Redis; and a small model of them, checked. Writes docs/measured/scale.json; takes an hour, on an idle
// machine. Needs redis-server and `npm run setup:scale`.
//   --rows N          rows of the large table (10000000)
//   --small N         rows of the runs with 1, 2, 3 and 4 processes (1000000)
//   --folder PATH     where tables and parts are written (a temporary folder, deleted at the end)
//   --only WORDS      only these of: small, large, csv, queue
//   --markdown FILE   measure nothing, write the page from the records: docs/scale.md
import { mkdirSync, mkdtempSync, readFileSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startRedis } from '../../packages/testkit/private/redis.mjs';
import { machine, versions } from '../bench/machine.mjs';
import { folderHash } from './folder-hash.mjs';
import { scalePage } from './page.mjs';
import { impflow, startWorker } from './processes.mjs';
import { writeRows } from './table.mjs';

/** @import { Ended } from './processes.mjs' */

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    small: { type: 'string', default: '1000000' },
    folder: { type: 'string' },
    only: { type: 'string', default: 'small,large,csv,queue' },
    markdown: { type: 'string' },
  },
});
const record = fileURLToPath(new URL('../../docs/measured/scale.json', import.meta.url));
const before = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {};

if (values.markdown !== undefined) {
  const ranks = fileURLToPath(new URL('../../docs/measured/scale-mpi.json', import.meta.url));
  const mpi = existsSync(ranks) ? JSON.parse(readFileSync(ranks, 'utf8')) : undefined;
  writeFileSync(values.markdown, scalePage(before, mpi));
  process.exit(0);
}

/** @param {string} what */
const say = (what) => console.error(`[scale] ${what}`);
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'impflow-scale-'));
mkdirSync(folder, { recursive: true });
/** @param {string} name */
const at = (name) => join(folder, name);
const [rows, small] = [Number(values.rows), Number(values.small)];
/** @param {string} name */
const wanted = (name) => values.only.split(',').includes(name);
/** The figures to keep of a command. @param {Ended} ended @param {number} count */
const figures = ({ seconds, processes, sum }, count) => ({
  seconds,
  rowsPerSecond: count / seconds,
  peaks: processes.map(({ name, peak }) => ({ name: name.split('/').at(-1), peak: Math.round(peak) })),
  peakOfAll: Math.round(sum),
});
/**
 * A table of this many rows, made once.
 *
 * @param {string} name
 * @param {number} count
 */
const table = async (name, count) => {
  if (!existsSync(at(name))) {
    say(`writing ${name}, ${count} rows`);
    await writeRows(at(name), count);
  }
  return at(name);
};

const run = at('run');
if (!existsSync(run)) {
  say('training the model that scores and draws');
  await impflow(['train', '--data', await table('train.parquet', 20_000), '--steps', '500', '--quiet', '--out', run]);
}
/** @type {Record<string, any>} */
const found = { ...before, machine: machine(), versions: versions(), model: 'the preset for tables, three columns' };

if (wanted('small')) {
  const data = await table('small.parquet', small);
  // A job of one short part costs only the start of a process.
  const starts = [];
  for (let i = 0; i < 3; i++) {
    const out = at(`start-${i}`);
    rmSync(out, { recursive: true, force: true });
    starts.push((await impflow(['sample', run, '-n', '1000', '--workers', '1', '--out', out, '--quiet'])).seconds);
  }
  found.startSeconds = starts.toSorted((a, b) => a - b)[1];
  found.small = [];
  for (const command of ['score', 'sample'])
    for (const workers of [1, 2, 3, 4]) {
      const out = at(`${command}-${workers}`);
      rmSync(out, { recursive: true, force: true });
      const what = command === 'score' ? [run, data] : [run, '-n', String(small)];
      // Eight parts for each of four processes, so that no process waits long for the others at the end.
      const parts = ['--part-rows', String(2 ** 15), '--workers', String(workers)];
      const ended = await impflow([command, ...what, ...parts, '--out', out, '--quiet']);
      const one = { command, workers, rows: small, ...figures(ended, small) };
      found.small.push(one);
      say(`${command}, ${workers} processes: ${Math.round(one.rowsPerSecond)} rows/s`);
    }
}

if (wanted('large')) {
  const data = await table('large.parquet', rows);
  const alone = at('alone');
  rmSync(alone, { recursive: true, force: true });
  const local = await impflow(['score', run, data, '--out', alone]);
  say(local.said.trim().split('\n').at(-1) ?? '');
  found.large = { rows, bytesIn: statSync(data).size, local: figures(local, rows), queue: [] };
  const expected = folderHash(alone);
  found.large.bytesOut = expected.bytes;
  for (const workers of [1, 2]) {
    const redis = await startRedis();
    const out = at(`queue-${workers}`);
    rmSync(out, { recursive: true, force: true });
    const all = await Promise.all(Array.from({ length: workers }, () => startWorker(redis.url, folder)));
    const ended = await impflow(['score', run, data, '--out', out, '--queue', redis.url]);
    const peaks = (await Promise.all(all.map((one) => one.stop()))).flat();
    await redis.stop();
    const same = folderHash(out).sha256 === expected.sha256;
    const one = { workers, same, ...figures({ ...ended, processes: [...ended.processes, ...peaks] }, rows) };
    found.large.queue.push(one);
    say(
      `queue, ${workers} workers: ${Math.round(one.rowsPerSecond)} rows/s, ${same ? 'the same bytes' : 'OTHER BYTES'}`,
    );
  }
}

if (wanted('csv')) {
  // Some 28 bytes a row.
  const count = 37_000_000;
  const data = await table('large.csv', count);
  const out = at('from-csv');
  rmSync(out, { recursive: true, force: true });
  const ended = await impflow(['score', run, data, '--out', out]);
  found.csv = {
    rows: count,
    bytes: statSync(data).size,
    ...figures(ended, count),
    line:
      ended.said
        .trim()
        .split('\n')
        .findLast((line) => line.startsWith('Scored')) ?? '',
  };
  say(`CSV: ${JSON.stringify(found.csv)}`);
}

if (wanted('queue')) {
  const { tasksPerSecond } = await import('./queue-speed.mjs');
  const redis = await startRedis();
  found.tasksPerSecond = await tasksPerSecond(redis.url, 1);
  await redis.stop();
  say(`${Math.round(Number(found.tasksPerSecond))} tasks/s through Redis`);
}

writeFileSync(record, `${JSON.stringify(found, null, 2)}\n`);
if (values.folder === undefined) rmSync(folder, { recursive: true });
