// The part of docs/scale.md on training over MPI.
import { bestRanks, fitted, stepSeconds } from './mpi-model.mjs';

/** @import { MpiRow } from './mpi-model.mjs' */

/** @typedef {{ readonly machine: { readonly cores: number }; readonly rows: readonly MpiRow[] }} MpiFound */

/** Connections of a cluster, in Gbit/s. */
const CONNECTIONS = [1, 10, 100];

/** @param {number} seconds */
const ms = (seconds) => `${(1000 * seconds).toPrecision(3)} ms`;
/** @param {number} bytes */
const megabytes = (bytes) => `${(bytes / 1e6).toPrecision(3)} MB`;

/**
 * Rows of a table in Markdown.
 *
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/**
 * Steps on ranks of one machine, beside the model that was fitted to one and two ranks.
 *
 * @param {MpiFound} found
 */
export const mpiTable = ({ rows, machine: { cores } }) =>
  table(
    ['preset, rows', 'ranks', 'step', 'sent by rank 0', 'received', 'messages alone', 'share', 'the model says'],
    rows.map((row) => {
      const [one, two] = [1, 2].map((ranks) => rows.find((r) => r.preset === row.preset && r.ranks === ranks));
      const { ranks, secondsPerStep, sentPerStep, receivedPerStep, exchangeSeconds: exchange } = row;
      return [
        `${row.preset}, ${row.batch}`,
        String(ranks),
        ms(secondsPerStep),
        megabytes(sentPerStep),
        megabytes(receivedPerStep),
        ms(exchange),
        `${((100 * exchange) / secondsPerStep).toPrecision(2)} %`,
        one === undefined || two === undefined || ranks < 3
          ? 'fitted'
          : ms(stepSeconds(fitted(one, two), { ranks, cores, exchange })),
      ];
    }),
  );

/**
 * Where rank 0 saturates, on machines of their own.
 *
 * @param {MpiFound} found
 */
export const saturationTable = ({ rows }) =>
  table(
    [
      'preset',
      'rows of a step on one core',
      'rank 0 alone',
      'bytes with each rank',
      ...CONNECTIONS.map((gbit) => `shortest step at ${gbit} Gbit/s`),
    ],
    rows
      .filter(({ ranks }) => ranks === 1)
      .flatMap((one) => {
        const two = rows.find(({ preset, ranks }) => preset === one.preset && ranks === 2);
        if (two === undefined) return [];
        const model = fitted(one, two);
        return [
          [
            one.preset,
            ms(model.rows),
            ms(model.serial),
            megabytes(model.bytes),
            ...CONNECTIONS.map((gbit) => {
              const speed = (gbit * 1e9) / 8;
              const ranks = bestRanks(model, speed);
              const exchange = ((ranks - 1) * model.bytes) / speed;
              return `${ranks} ranks, ${ms(stepSeconds(model, { ranks, cores: ranks, exchange }))}`;
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

The model has three parts: what rank 0 does alone (drawing, summing, the optimizer), the rows, which the ranks divide, and the messages. It is fitted to one and two ranks; four are a test of it.
On machines of their own the ranks would share no cores, and all messages would pass the connection of rank 0. From the ranks of the last columns on, another rank makes the step longer. These columns are computed, not measured, and leave out the latency and the time of the sums.

${saturationTable(found)}
`;
