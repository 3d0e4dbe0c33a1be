// Runs `fit` in a separate process: see fit-rows.mjs.
import { jsonOf } from '../measure/child.mjs';

/**
 * @typedef {object} FitRows
 * @property {string} train File of the training rows.
 * @property {string} fresh File of the rows to score.
 * @property {string} scores Output file for the log-densities of the fresh rows.
 * @property {{ given?: readonly string[]; [name: string]: unknown }} options Options of `fit`.
 * @property {string} [save] The folder to write the model into.
 * @property {readonly { given: string; count: number; seed: number }[]} [draws] For each row of a file of conditions,
 *   the number of draws.
 * @property {boolean} [pValues] Whether to return the p-values of the fresh rows.
 */

/** @param {FitRows} input */
export const fitted = (input) => jsonOf(new URL('fit-rows.mjs', import.meta.url), [JSON.stringify(input)]);
