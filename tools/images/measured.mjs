import { fileURLToPath } from 'node:url';

/** Data sets by name: how the page calls them, and options of `train` that go with them. The first is the default, and the only one of the parts that take no data. */
export const DATA = {
  digits: { title: 'handwritten digits', options: [] },
  // Judged on as many images as digits have.
  'fashion-mnist': { title: 'articles of clothing', options: ['--test-images', '1000'] },
};
export const [DEFAULT_DATA] = Object.keys(DATA);

/** Where a part keeps what it found on a data set, for the report. */
export const measured = (part, data = DEFAULT_DATA) => fileURLToPath(new URL(`../../docs/measured/images-${part}${data === DEFAULT_DATA ? '' : `-${data}`}.json`, import.meta.url));
