import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parityCase, type ParityCase } from './suite.ts';

/**
 * Reads the test cases from the fixtures, or from the directory in the environment variable `IMPFLOW_REFERENCE_DIR`.
 */
export const parityCases = (): readonly ParityCase[] => {
  const directory = process.env['IMPFLOW_REFERENCE_DIR'] ?? fileURLToPath(new URL('fixtures', import.meta.url));
  return readdirSync(directory)
    .filter((name) => name.endsWith('.safetensors'))
    .toSorted()
    .map((name) => parityCase(name, readFileSync(join(directory, name))));
};
