import { tableText } from '../markdown.mjs';
import { WrongArguments } from '../measure/arguments.mjs';
import { measuredBy } from '../measure/page.mjs';
import { saturation, secondsOf } from './model.mjs';
import { mpiTexts } from './mpi-page.mjs';

/** @param {number} value @param {number} [digits] */
const number = (value, digits = 2) => Number(value.toPrecision(digits)).toLocaleString('en');

/** Number of rows in a part of a table. */
const PART = 2 ** 18;
const BILLION = 1e9;
/** Assumed speed of a shared file system, in bytes per second. */
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
 * Returns the measured parts of docs/scale.md. Needs the records of all jobs except MPI.
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
  // The efficiency comes from the large table, so that the runs with one to four processes test the model.
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
    csv: `We scored a CSV of ${number(csv.rows)} rows, ${number(csv.bytes / 1e9)} GB: \`score\` computed ${number(csv.rowsPerSecond, 3)} rows per second on ${cores} cores, and at most ${csv.peakOfAll} MB of memory in all processes together (${memory(csv.peaks)}). During the job, the command prints:

\`\`\`text
${csv.line}
\`\`\``,
    queue: `This job was measured on a table of ${number(large.rows)} rows of three columns, ${number(large.bytesIn / 1e6, 3)} MB of Parquet:

${tableText(['', 'workers', 'rows/s', 'output equals the output without a queue', 'peak memory, MB'], through)}`,
    model: `One process on a core of this machine scores ${number(models.score.rowsPerCore, 3)} rows per second, or draws ${number(models.sample.rowsPerCore, 3)} rows per second (${start.model}). A process needs ${number(startSeconds, 2)} s to start. The ${cores} cores together are only ${number(efficiency)} times as fast as ${cores} separate cores, because they share caches and memory. So the time of a job is estimated as the time to start plus the time for the rows, which are divided among the cores:

\`seconds = start × max(1, processes / cores) + rows / (rows per second of a core × cores × ${number(efficiency)} × machines)\`

This estimate was checked in short jobs with one to four processes on ${cores} cores. The time to start and the rows per second come from the runs with one process, the factor ${number(efficiency)} from the job on the large table above:

${tableText(['command', 'processes', 'rows/s', 'seconds', 'estimated seconds', 'difference', 'memory of all processes, MB'], checks)}`,
    billion: `The estimated time for a billion rows, on machines with ${cores} such cores, is:

${tableText(['machines', 'scoring', 'sampling'], billions)}`,
    limits: tableText(
      ['shared resource', 'measured', 'limit reached with'],
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
