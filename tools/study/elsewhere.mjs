// Other measurements on docs/study.md: fitting a function, densities and classes of images.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DATA, measured } from '../images/measured.mjs';

const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined);

/** A part of `npm run images`, for each measured data set. */
const ofImages = (part) =>
  Object.entries(DATA).flatMap(([data, { title }]) => {
    const record = read(measured(part, data));
    return record === undefined ? [] : [{ ...record, title }];
  });

/** The records of the other measurements: those of images by data set; `fit` is undefined if it was not measured. */
export const elsewhere = () => ({
  fit: read(fileURLToPath(new URL('../../docs/figures/theorem.json', import.meta.url))),
  images: ofImages('density'),
  classes: ofImages('classify'),
});
