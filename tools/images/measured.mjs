import { fileURLToPath } from 'node:url';

/**
 * Data sets by name: their title on the page, and options of `train`. The first is the default, and the only one for
 * parts without `--data`.
 */
export const DATA = {
  digits: { title: 'handwritten digits', options: [] },
  // Evaluated on as many images as digits have.
  'fashion-mnist': { title: 'articles of clothing', options: ['--test-images', '1000'] },
};
export const [DEFAULT_DATA] = Object.keys(DATA);

/** Where a part stores its results on a data set, for the report. */
export const measured = (part, data = DEFAULT_DATA) =>
  fileURLToPath(
    new URL(`../../docs/measured/images-${part}${data === DEFAULT_DATA ? '' : `-${data}`}.json`, import.meta.url),
  );
