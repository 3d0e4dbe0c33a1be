import { tableText } from '../markdown.mjs';
// The part of docs/scale.md on training over MPI.
import { bestRanks, fitted, stepSeconds } from './mpi-model.mjs';

/** @import { MpiRow } from './mpi-model.mjs' */

/** @typedef {{ readonly machine: { readonly cores: number }; readonly rows: readonly MpiRow[] }} MpiFound */

/** Connections of a cluster, in Gbit/s. */
const CONNECTIONS = [1, 10, 100];

/**
 * Three digits, without an exponent.
 *
 * @param {number} value
 */
const rounded = (value) => String(Number(value.toPrecision(3)));
/** @param {number} seconds */
const ms = (seconds) => `${rounded(1000 * seconds)} ms`;
/** @param {number} bytes */
const megabytes = (bytes) => `${rounded(bytes / 1e6)} MB`;

/**
 * The model of a preset; undefined where the runs that it is fitted to are missing.
 *
 * @param {readonly MpiRow[]} rows
 * @param {string} preset
 */
const modelOf = (rows, preset) => {
  const steps = Object.fromEntries(rows.filter((row) => row.preset === preset).map((row) => [row.ranks, row]));
  return [1, 2, 4].every((ranks) => ranks in steps) ? fitted(steps) : undefined;
};

/**
 * Steps on ranks of one machine, beside the model that was fitted to one, two and four ranks.
 *
 * @param {MpiFound} found
 */
export const mpiTable = ({ rows, machine: { cores } }) =>
  tableText(
    ['preset, rows', 'ranks', 'step', 'sent by rank 0', 'received', 'messages alone', 'share', 'the model says'],
    rows.map((row) => {
      const model = modelOf(rows, row.preset);
      const { ranks, secondsPerStep, sentPerStep, receivedPerStep, exchangeSeconds: exchange } = row;
      return [
        `${row.preset}, ${row.batch}`,
        String(ranks),
        ms(secondsPerStep),
        megabytes(sentPerStep),
        megabytes(receivedPerStep),
        ms(exchange),
        `${((100 * exchange) / secondsPerStep).toFixed(1)} %`,
        model === undefined || [1, 2, 4].includes(ranks)
          ? 'fitted'
          : ms(stepSeconds(model, { ranks, cores, exchange })),
      ];
    }),
  );

/**
 * Where rank 0 saturates, on machines of their own.
 *
 * @param {MpiFound} found
 */
export const saturationTable = ({ rows }) =>
  tableText(
    [
      'preset',
      'rows of a step, one core',
      'each worker',
      'rank 0 alone',
      'bytes with each rank',
      ...CONNECTIONS.map((gbit) => `shortest step at ${gbit} Gbit/s`),
    ],
    [...new Set(rows.map(({ preset }) => preset))].flatMap((preset) => {
      const model = modelOf(rows, preset);
      if (model === undefined) return [];
      return [
        [
          preset,
          ms(model.rows),
          ms(model.each),
          ms(model.serial),
          megabytes(model.bytes),
          ...CONNECTIONS.map((gbit) => {
            const speed = (gbit * 1e9) / 8;
            const ranks = bestRanks(model, speed);
            const exchange = ((ranks - 1) * model.bytes) / speed;
            return `${ranks} rank${ranks === 1 ? '' : 's'}, ${ms(stepSeconds(model, { ranks, cores: ranks, exchange }))}`;
          }),
        ],
      ];
    }),
  );

/** @param {any} found What `mpi.mjs` measured. */
export const mpiSection = (found) => `## Training over MPI

\`mpirun -n 4 npx impflow train … --workers mpi\`, on ranks of one machine (${found.machine.cpu}, ${found.machine.cores} cores, ${found.date}; load between ${found.load.least.toFixed(1)} and ${found.load.most.toFixed(1)} before a measurement). A step is the fastest of the medians. *Messages alone* is the
time of the same messages with workers that answer at once: parameters to each rank, gradients back. More ranks than cores share them.

${mpiTable(found)}

The model has four parts: what rank 0 does alone (drawing, summing, the optimizer), what every worker does whatever its rows, the rows, which the workers divide, and the messages. It is fitted to one, two and four ranks; three are a test of it.
On machines of their own the ranks would share no cores, and all messages would pass the connection of rank 0. From the ranks of the last columns on, another rank makes the step longer. These columns are computed, not measured, and leave out the latency and the time of the sums.

${saturationTable(found)}
`;
