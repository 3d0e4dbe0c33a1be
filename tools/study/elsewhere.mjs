// Other measurements on docs/study.md: fitting a function, densities and classes of images.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DATA, measured } from '../images/measured.mjs';

/** @import { ClassModel, DensityModel } from '../images/measured.mjs' */

/** @param {string} file */
const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined);

/**
 * A part of `npm run images`, for each measured data set.
 *
 * @param {string} part
 */
const ofImages = (part) =>
  Object.entries(DATA).flatMap(([data, { title }]) => {
    const record = read(measured(part, data));
    return record === undefined ? [] : [{ ...record, title }];
  });

/**
 * The records of the other measurements.
 *
 * @typedef {object} Elsewhere
 * @property {Readonly<Record<'implicit' | 'residual', { parameters: number; maxError: number; rms: number }>>} [fit]
 *   Undefined if it was not measured.
 * @property {readonly { title: string; models: readonly ImageModel[] }[]} [images] By data set.
 * @property {readonly { title: string; models: readonly ImageClassifier[] }[]} [classes] By data set.
 */

/**
 * @typedef {Pick<DensityModel, 'model' | 'parameters' | 'steps'> & {
 *   heldOut: Pick<DensityModel['heldOut'], 'bitsPerDim'>;
 * }} ImageModel
 */

/**
 * @typedef {Pick<ClassModel, 'name' | 'coeff' | 'parameters'> & {
 *   heldOut: Pick<ClassModel['heldOut'], 'accuracy'>;
 * }} ImageClassifier
 */

/**
 * Reads them.
 *
 * @returns {Elsewhere}
 */
export const elsewhere = () => ({
  fit: read(fileURLToPath(new URL('../../docs/figures/theorem.json', import.meta.url))),
  images: ofImages('density'),
  classes: ofImages('classify'),
});
