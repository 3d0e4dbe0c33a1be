// What docs/study.md takes from other measurements: fitting a function, densities and classes of images.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const read = (path) => {
  const file = fileURLToPath(new URL(`../../docs/${path}`, import.meta.url));
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
};

/** The records of the other measurements; those that are missing are undefined. */
export const elsewhere = () => ({ fit: read('figures/theorem.json'), images: read('measured/images-density.json'), classes: read('measured/images-classify.json') });
