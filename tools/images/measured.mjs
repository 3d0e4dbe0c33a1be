import { fileURLToPath } from 'node:url';

/** Data sets by name, with how the page calls them. The first is the default, and the only one of the parts that take no data. */
export const DATA = { digits: 'handwritten digits', 'fashion-mnist': 'articles of clothing' };
export const [DEFAULT_DATA] = Object.keys(DATA);

/** Where a part keeps what it found on a data set, for the report. */
export const measured = (part, data = DEFAULT_DATA) => fileURLToPath(new URL(`../../docs/measured/images-${part}${data === DEFAULT_DATA ? '' : `-${data}`}.json`, import.meta.url));
