// A model of the time of a training step on n ranks: the serial part, the rows, and the messages at rank 0.

/**
 * A measured step.
 *
 * @typedef {object} MpiRow
 * @property {string} preset
 * @property {number} batch Number of rows in a step.
 * @property {number} ranks
 * @property {string} library
 * @property {number} parameterBytes
 * @property {number} batchBytes
 * @property {number} secondsPerStep Median time of a step.
 * @property {number} sentPerStep Bytes that rank 0 sends in a step.
 * @property {number} receivedPerStep Bytes that rank 0 receives in a step.
 * @property {number} exchangeSeconds Median time of the messages of a step alone, without computing.
 */

/**
 * `serial`: seconds in which only rank 0 computes. `each`: seconds that every worker takes for any number of rows.
 * `rows`: seconds of the rows of a batch on one core. `bytes`: bytes that rank 0 exchanges with each of the other
 * ranks.
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
 * Returns the seconds of a step on `ranks` ranks that share `cores` cores. The messages of the step take `exchange`
 * seconds.
 *
 * @param {StepModel} model
 * @param {{ ranks: number; cores: number; exchange: number }} job
 */
export const stepSeconds = ({ serial, each, rows }, { ranks, cores, exchange }) =>
  serial + Math.max(each + rows / ranks, (ranks * each + rows) / cores) + exchange;

/**
 * Returns the number of ranks with the shortest step if each rank has its own machine. All messages pass the connection
 * of rank 0, so `n` minimizes `rows / n + (n - 1) bytes / speed`.
 *
 * @param {StepModel} model
 * @param {number} speed Bytes per second.
 */
export const bestRanks = ({ rows, bytes }, speed) => Math.max(1, Math.round(Math.sqrt((rows * speed) / bytes)));
