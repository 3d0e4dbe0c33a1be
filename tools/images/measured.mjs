import { fileURLToPath } from 'node:url';

/**
 * How a part of `npm run images` is called. `only` and `before`: models to measure again, and the earlier results.
 *
 * @typedef {object} PartOptions
 * @property {(what: string) => void} say
 * @property {string} data
 * @property {readonly string[]} [only]
 * @property {{ models: readonly DensityModel[] }} [before]
 */

/** @typedef {{ mean: number; low: number; high: number }} Interval */

/**
 * The result of `impflow train` on images, and the model.
 *
 * @typedef {object} DensityModel
 * @property {string} model
 * @property {readonly string[]} options
 * @property {number} parameters
 * @property {number} steps
 * @property {number} seconds
 * @property {number} trainingSeconds
 * @property {number} secondsPerStep
 * @property {{ rows: number; bitsPerDim: Interval }} heldOut
 * @property {{ images: number; max: number; mean: number }} reconstruction
 * @property {{ largestRatio: number }} [lipschitz]
 * @property {{ bitsPerDim: { mean: number } }} baseline
 */

/**
 * The result of `impflow train --task classify`, and the model.
 *
 * @typedef {object} ClassModel
 * @property {string} name
 * @property {number} [coeff]
 * @property {number} parameters
 * @property {number} seconds
 * @property {{ rows: number; accuracy: Interval; crossEntropy: number }} heldOut
 * @property {{ largestNorm: number }} [lipschitz]
 */

/**
 * Data sets by name: their title on the page, and options of `train`. The first is the default, and the only one for
 * parts without `--data`.
 *
 * @type {Readonly<Record<string, { title: string; options: readonly string[] }>>}
 */
export const DATA = {
  digits: { title: 'handwritten digits', options: [] },
  // Evaluated on as many images as digits have.
  'fashion-mnist': { title: 'articles of clothing', options: ['--test-images', '1000'] },
};

export const [DEFAULT_DATA] = Object.keys(DATA);

/**
 * Where a part stores its results on a data set, for the report.
 *
 * @param {string} part
 * @param {string} [data]
 */
export const measured = (part, data = DEFAULT_DATA) =>
  fileURLToPath(
    new URL(`../../docs/measured/images-${part}${data === DEFAULT_DATA ? '' : `-${data}`}.json`, import.meta.url),
  );
