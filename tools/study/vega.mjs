import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const trainer = createRequire(new URL('../../apps/trainer/package.json', import.meta.url));

/**
 * Returns the objects in a JSON file of vega-datasets.
 *
 * @param {string} file
 * @returns {readonly Readonly<Record<string, any>>[]}
 */
export const vega = (file) =>
  JSON.parse(readFileSync(join(dirname(dirname(trainer.resolve('vega-datasets'))), 'data', file), 'utf8'));
