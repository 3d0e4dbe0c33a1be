// A model of a training step on n ranks: what is not parallel, the rows, and the messages at rank 0.

/**
 * A measured step.
 *
 * @typedef {object} MpiRow
 * @property {string} preset
 * @property {number} batch Rows of a step.
 * @property {number} ranks
 * @property {string} library
 * @property {number} parameterBytes
 * @property {number} batchBytes
 * @property {number} secondsPerStep Median.
 * @property {number} sentPerStep Bytes that rank 0 sends in a step.
 * @property {number} receivedPerStep Bytes that it receives.
 * @property {number} exchangeSeconds Median time of the messages of a step alone, without computing.
 */

/**
 * `serial`: seconds of rank 0 alone. `each`: seconds that every worker takes whatever its rows. `rows`: seconds of the
 * rows of a batch on one core. `bytes`: bytes that rank 0 exchanges with each other rank.
 *
 * @typedef {{ readonly serial: number; readonly each: number; readonly rows: number; readonly bytes: number }} StepModel
 */

/**
 * Fits the model to the steps of one, two and four ranks of a machine with two cores, where four ranks share the cores.
 *
 * @param {{ readonly [ranks: number]: MpiRow }} steps
 * @returns {StepModel}
 */
export const fitted = ({ 1: one, 2: two, 4: four }) => {
  const alone = (/** @type {MpiRow} */ row) => row.secondsPerStep - row.exchangeSeconds;
  const each = Math.max(0, alone(four) - alone(two));
  const rows = 2 * (alone(one) - alone(two));
  return { serial: alone(one) - each - rows, each, rows, bytes: two.sentPerStep + two.receivedPerStep };
};

/**
 * Seconds of a step on n ranks that share `cores` cores, whose messages take `exchange` seconds.
 *
 * @param {StepModel} model
 * @param {{ ranks: number; cores: number; exchange: number }} job
 */
export const stepSeconds = ({ serial, each, rows }, { ranks, cores, exchange }) =>
  serial + Math.max(each + rows / ranks, (ranks * each + rows) / cores) + exchange;

/**
 * On machines of their own, the number of ranks with the shortest step, where all messages pass the connection of rank
 * 0: `n` minimizes `rows / n + (n - 1) bytes / speed`.
 *
 * @param {StepModel} model
 * @param {number} speed Bytes per second.
 */
export const bestRanks = ({ rows, bytes }, speed) => Math.max(1, Math.round(Math.sqrt((rows * speed) / bytes)));
