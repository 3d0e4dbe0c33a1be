import { tableText } from '../markdown.mjs';
import { WrongArguments } from '../measure/arguments.mjs';
import { measuredBy } from '../measure/page.mjs';
import { saturation, secondsOf } from './model.mjs';
import { mpiTexts } from './mpi-page.mjs';

/** @param {number} value @param {number} [digits] */
const number = (value, digits = 2) => Number(value.toPrecision(digits)).toLocaleString('en');

/** Rows of a part. */
const PART = 2 ** 18;
const BILLION = 1e9;
/** A shared file system that moves this many bytes a second. */
const BYTES_PER_SECOND = 1e9;

/** @param {number} seconds */
const time = (seconds) =>
  seconds < 120
    ? `${number(seconds)} s`
    : seconds < 7200
      ? `${number(seconds / 60)} min`
      : seconds < 172_800
        ? `${number(seconds / 3600)} h`
        : `${number(seconds / 86_400)} days`;

/** @param {readonly { name: string; peak: number }[]} peaks */
const memory = (peaks) => {
  /** @type {Record<string, string>} */
  const NAMES = { 'impflow.mjs': 'command', 'task-process.js': 'process' };
  return peaks.map(({ name, peak }) => `${NAMES[name] ?? name} ${peak}`).join(', ');
};

/**
 * The measured parts of docs/scale.md. They need the records of all jobs but MPI.
 *
 * @param {readonly any[]} records
 */
export const scaleTexts = (records) => {
  /** @param {string} job */
  const of = (job) => records.find((record) => record.job === job);
  const [start, large, csv, queue] = ['start', 'large', 'csv', 'queue'].map(of);
  if ([start, large, csv, queue].includes(undefined))
    throw new WrongArguments(
      'docs/scale.md needs the records of all jobs but mpi: expected start, large, csv and queue.',
    );
  const small = records.filter(({ command }) => command !== undefined);
  const mpi = records.filter(({ preset }) => preset !== undefined);
  const { seconds: startSeconds, machine } = start;
  const { tasksPerSecond } = queue;
  const { cores } = machine;
  const [one] = large.queue;
  // From the large table, so that the runs with one to four processes are a test.
  const efficiency = large.local.rowsPerSecond / (cores * one.rowsPerSecond);
  /** @param {string} command */
  const model = (command) => {
    const alone = small.find((/** @type {any} */ one) => one.command === command && one.workers === 1);
    return { startSeconds, efficiency, rowsPerCore: alone.rows / (alone.seconds - startSeconds) };
  };
  const models = { score: model('score'), sample: model('sample') };
  const checks = small.map((/** @type {any} */ { command, workers, rows, seconds, peakOfAll }) => {
    const said = secondsOf(models[/** @type {'score' | 'sample'} */ (command)], { rows, processes: workers, cores });
    return [
      command,
      String(workers),
      number(rows / seconds, 3),
      number(seconds, 3),
      number(said, 3),
      `${said > seconds ? '' : '+'}${number((100 * (seconds - said)) / said, 2)} %`,
      String(peakOfAll),
    ];
  });
  const rates = { ...models.score, tasksPerSecond, bytesPerRow: (large.bytesIn + large.bytesOut) / large.rows };
  const limits = saturation(rates, { rowsPerPart: PART, bytesPerSecond: BYTES_PER_SECOND });
  const billions = [1, 10, 100].map((machines) => [
    String(machines),
    ...['score', 'sample'].map((command) =>
      time(
        secondsOf(models[/** @type {'score' | 'sample'} */ (command)], {
          rows: BILLION,
          processes: cores,
          cores,
          machines,
        }),
      ),
    ),
  ]);
  const through = [
    ['one machine, no queue', '', number(large.local.rowsPerSecond, 3), '', memory(large.local.peaks)],
    ...large.queue.map((/** @type {any} */ one) => [
      'queue',
      String(one.workers),
      number(one.rowsPerSecond, 3),
      one.same ? 'yes' : '**no**',
      memory(one.peaks),
    ]),
  ];
  return {
    from: measuredBy('scale', records),
    csv: `Measured: a CSV of ${number(csv.rows)} rows, ${number(csv.bytes / 1e9)} GB: ${number(csv.rowsPerSecond, 3)} rows per second on ${cores} cores, and at most ${csv.peakOfAll} MB of memory in all processes together (${memory(csv.peaks)}). It prints meanwhile:

\`\`\`text
${csv.line}
\`\`\``,
    queue: `Measured on a table of ${number(large.rows)} rows of three columns, ${number(large.bytesIn / 1e6, 3)} MB of Parquet:

${tableText(['', 'workers', 'rows/s', 'the same bytes as one machine', 'peak memory, MB'], through)}`,
    model: `One process scores ${number(models.score.rowsPerCore, 3)} rows per second on a core of this machine, and draws ${number(models.sample.rowsPerCore, 3)}; with ${start.model}; it needs ${number(startSeconds, 2)} s to start. All ${cores} cores together are ${number(efficiency)} times as fast as ${cores} alone: they share caches and memory. The model of a job is its start, and its rows divided among the cores:

\`seconds = start × max(1, processes / cores) + rows / (rows per second of a core × cores × ${number(efficiency)} × machines)\`

Checked with one to four processes on ${cores} cores, in short jobs. Start and rate come from the runs with one process, the factor from the large table above:

${tableText(['command', 'processes', 'rows/s', 'seconds', 'model', 'difference', 'memory of all, MB'], checks)}`,
    billion: `A billion rows, by this model, on machines of ${cores} such cores:

${tableText(['machines', 'scoring', 'sampling'], billions)}`,
    limits: tableText(
      ['shared', 'measured', 'used up at'],
      [
        [
          'Redis',
          `${number(tasksPerSecond)} tasks per second, each a part of ${PART.toLocaleString('en')} rows`,
          `${number(limits.redis)} cores`,
        ],
        [
          'file system',
          `${number(rates.bytesPerRow)} bytes per row, read and written`,
          `${number(limits.files)} cores, at ${number(BYTES_PER_SECOND / 1e9)} GB per second`,
        ],
      ],
    ),
    ...(mpi.length === 0 ? {} : mpiTexts(mpi)),
  };
};
