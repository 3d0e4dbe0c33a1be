import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Returns the contents of a file of the package `vega-datasets`, which is a dependency of the trainer. */
export const vegaFile = (file: string): string => {
  const trainer = createRequire(new URL('../../../apps/trainer/package.json', import.meta.url));
  return readFileSync(join(dirname(dirname(trainer.resolve('vega-datasets'))), 'data', file), 'utf8');
};

/** Returns the records of a JSON file of `vega-datasets`. */
export const vega = (file: string): readonly Readonly<Record<string, string | number | null>>[] =>
  JSON.parse(vegaFile(file));

/**
 * Returns the codes of the cells of a column, and its categories. The codes are in the order of the sorted categories.
 * Null becomes the code -1 of a missing cell.
 */
export const coded = (
  cells: readonly (string | number | null)[],
): { readonly codes: Int32Array; readonly levels: readonly string[] } => {
  const levels = [...new Set(cells.filter((cell) => cell !== null).map(String))].sort();
  return { codes: Int32Array.from(cells, (cell) => (cell === null ? -1 : levels.indexOf(String(cell)))), levels };
};
