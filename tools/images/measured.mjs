import { fileURLToPath } from 'node:url';

/** Where a part keeps what it found, for the report. */
export const measured = (part) => fileURLToPath(new URL(`../../docs/measured/images-${part}.json`, import.meta.url));
