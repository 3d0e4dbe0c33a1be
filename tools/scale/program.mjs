// `npm run measure -- scale`: measures rows per second of scoring and sampling, on one machine and through a queue; the
// memory of each process; tasks per second of Redis; and the cost of a training step over MPI. Also checks a small
// model of these costs. Takes an hour, on an idle machine. Needs redis-server and mpirun.
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '../../packages/testkit/private/redis.mjs';
import { folderHash } from './folder-hash.mjs';
import { MPI_SIZES, mpiSteps } from './mpi.mjs';
import { scaleTexts } from './page.mjs';
import { impflow, startWorker } from './processes.mjs';
import { writeRows } from './table.mjs';

/** @typedef {import('./processes.mjs').Ended} Ended */

/** Numbers of processes of the short jobs, and numbers of ranks of the training steps. */
const COUNTS = [1, 2, 3, 4];

/** @type {import('../measure/measure.mjs').Program} */
export const program = {
  name: 'scale',
  about: 'Large tables, queues and MPI: rows per second, memory, tasks per second, the cost of a step.',
  options: {
    rows: { value: 10_000_000, help: 'rows of the large table' },
    small: { value: 1_000_000, help: 'rows of the runs with 1, 2, 3 and 4 processes' },
    'csv-rows': { value: 37_000_000, help: 'rows of the CSV, some 28 bytes each' },
    turns: { value: 2, help: 'measurements of a step over MPI; the fastest counts' },
    folder: { value: '', help: 'where tables and parts are written; default: a temporary folder, deleted at the end' },
  },
  jobs: () => [
    { job: 'start' },
    ...['score', 'sample'].flatMap((command) =>
      COUNTS.map((workers) => ({ job: `${command} ${workers} processes`, command, workers })),
    ),
    { job: 'large' },
    { job: 'csv' },
    { job: 'queue' },
    ...Object.keys(MPI_SIZES).flatMap((preset) =>
      COUNTS.map((ranks) => ({ job: `mpi ${preset} ${ranks} ranks`, preset, ranks })),
    ),
  ],
  run: async (job, { values, say }) => {
    if (job.preset !== undefined) return mpiSteps(job.preset, job.ranks, values.turns);
    if (job.job === 'queue') {
      const { tasksPerSecond } = await import('./queue-speed.mjs');
      const redis = await startRedis();
      const speed = await tasksPerSecond(redis.url, 1);
      await redis.stop();
      return { tasksPerSecond: speed };
    }
    const place = placeOf(values.folder);
    const run = place('run');
    if (!existsSync(run)) {
      say('training the model that scores and draws');
      const data = await tableAt(place('train.parquet'), 20_000);
      await impflow(['train', '--data', data, '--steps', '500', '--quiet', '--out', run]);
    }
    if (job.job === 'start') return startOf(run, place);
    if (job.job === 'large') return large(run, place, values.rows, say);
    if (job.job === 'csv') return csv(run, place, values['csv-rows']);
    const data =
      job.command === 'score' ? [await tableAt(place('small.parquet'), values.small)] : ['-n', String(values.small)];
    // With four processes, each process gets eight parts, so that the processes end at almost the same time.
    const parts = ['--part-rows', String(2 ** 15), '--workers', String(job.workers)];
    const ended = await impflow([job.command, run, ...data, ...parts, '--out', emptied(place('short')), '--quiet']);
    return { rows: values.small, ...figures(ended, values.small) };
  },
  pages: (records) => ({ 'docs/scale.md': scaleTexts(records) }),
};

/** @typedef {(name: string) => string} Place Returns the path of a file in the folder of the measurement. */

let temporary = '';
/**
 * @param {string} folder
 * @returns {Place}
 */
const placeOf = (folder) => {
  if (folder !== '') mkdirSync(folder, { recursive: true });
  else if (temporary === '') {
    temporary = mkdtempSync(join(tmpdir(), 'impflow-scale-'));
    process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
  }
  return (name) => join(folder || temporary, name);
};
/** @param {string} folder */
const emptied = (folder) => {
  rmSync(folder, { recursive: true, force: true });
  return folder;
};
/**
 * Returns the path of a table with the given number of rows, and writes the table if it is missing.
 *
 * @param {string} path
 * @param {number} rows
 */
const tableAt = async (path, rows) => {
  if (!existsSync(path)) await writeRows(path, rows);
  return path;
};

/**
 * Returns the figures of a command for its record.
 *
 * @param {Ended} ended
 * @param {number} rows
 */
const figures = ({ seconds, processes, sum }, rows) => ({
  seconds,
  rowsPerSecond: rows / seconds,
  peaks: processes.map(({ name, peak }) => ({ name: name.split('/').at(-1), peak: Math.round(peak) })),
  peakOfAll: Math.round(sum),
});

/**
 * Measures the seconds of a job with one short part, which are almost only the start of a process.
 *
 * @param {string} run
 * @param {Place} place
 */
const startOf = async (run, place) => {
  const starts = [];
  for (let i = 0; i < 3; i++)
    starts.push(
      await impflow(['sample', run, '-n', '1000', '--workers', '1', '--out', emptied(place('start')), '--quiet']),
    );
  return {
    model: 'the preset for tables, three columns',
    seconds: starts.map(({ seconds }) => seconds).sort((a, b) => a - b)[1],
  };
};

/**
 * Scores a large table on one machine, and through a queue with one and with two workers.
 *
 * @param {string} run
 * @param {Place} place
 * @param {number} rows
 * @param {(what: string) => void} say
 */
const large = async (run, place, rows, say) => {
  const data = await tableAt(place('large.parquet'), rows);
  const alone = emptied(place('alone'));
  const local = figures(await impflow(['score', run, data, '--out', alone]), rows);
  say(`one machine: ${Math.round(local.rowsPerSecond)} rows/s`);
  const expected = folderHash(alone);
  const queue = [];
  for (const workers of [1, 2]) {
    const redis = await startRedis();
    const out = emptied(place('queue'));
    const all = await Promise.all(Array.from({ length: workers }, () => startWorker(redis.url, place('.'))));
    const ended = await impflow(['score', run, data, '--out', out, '--queue', redis.url]);
    const peaks = (await Promise.all(all.map((one) => one.stop()))).flat();
    await redis.stop();
    const same = folderHash(out).sha256 === expected.sha256;
    queue.push({ workers, same, ...figures({ ...ended, processes: [...ended.processes, ...peaks] }, rows) });
    say(`queue, ${workers} workers: ${same ? 'the same bytes' : 'OTHER BYTES'}`);
  }
  return { rows, bytesIn: statSync(data).size, bytesOut: expected.bytes, local, queue };
};

/**
 * @param {string} run
 * @param {Place} place
 * @param {number} rows
 */
const csv = async (run, place, rows) => {
  const data = await tableAt(place('large.csv'), rows);
  const ended = await impflow(['score', run, data, '--out', emptied(place('from-csv'))]);
  const line = ended.said
    .trim()
    .split('\n')
    .findLast((each) => each.startsWith('Scored'));
  return { rows, bytes: statSync(data).size, ...figures(ended, rows), line };
};
