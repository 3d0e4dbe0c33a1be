// Writes the part of docs/scale.md on training over MPI.
import { tableText } from '../markdown.mjs';
import { measuredOn } from '../measure/page.mjs';
import { bestRanks, fitted, stepSeconds } from './mpi-model.mjs';

/** @import { MpiRow } from './mpi-model.mjs' */

/** Speeds of the network of a cluster, in Gbit/s. */
const CONNECTIONS = [1, 10, 100];

/**
 * Returns a number with three digits, without an exponent.
 *
 * @param {number} value
 */
const rounded = (value) => String(Number(value.toPrecision(3)));
/** @param {number} seconds */
const ms = (seconds) => `${rounded(1000 * seconds)} ms`;
/** @param {number} bytes */
const megabytes = (bytes) => `${rounded(bytes / 1e6)} MB`;

/**
 * Returns the model of a preset; undefined if the runs to which it is fitted are missing.
 *
 * @param {readonly MpiRow[]} rows
 * @param {string} preset
 */
const modelOf = (rows, preset) => {
  const steps = Object.fromEntries(rows.filter((row) => row.preset === preset).map((row) => [row.ranks, row]));
  return [1, 2, 4].every((ranks) => ranks in steps) ? fitted(steps) : undefined;
};

/**
 * Returns a table of steps on the ranks of one machine, with the times of the model, which was fitted to one, two and
 * four ranks.
 *
 * @param {readonly MpiRow[]} rows
 * @param {number} cores
 */
const mpiTable = (rows, cores) =>
  tableText(
    [
      'preset, rows',
      'ranks',
      'step',
      'sent by rank 0',
      'received',
      'messages alone',
      'share of the step',
      'step by the model',
    ],
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
 * Returns a table of the number of ranks with the shortest step, if each rank has its own machine.
 *
 * @param {readonly MpiRow[]} rows
 */
const saturationTable = (rows) =>
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

/**
 * Returns the measured parts of docs/scale.md on training over MPI.
 *
 * @param {readonly any[]} records One for each preset and number of ranks.
 */
export const mpiTexts = (records) => {
  const load = Math.max(...records.map((record) => record.load.most ?? record.load)).toFixed(1);
  return {
    mpi: `${mpiTable(records, records[0].machine.cores)}\n\nOn ${measuredOn(records)}; load at most ${load} before a measurement.`,
    'mpi limits': saturationTable(records),
  };
};
