import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A row of a JSON file of `vega-datasets`. */
export type VegaRow = Readonly<Record<string, string | number | null>>;

const vegaPath = (file: string): string =>
  join(dirname(dirname(createRequire(import.meta.url).resolve('vega-datasets'))), 'data', file);

/** Reads the records of a JSON file of `vega-datasets`. */
export const vega = (file: string): readonly VegaRow[] => JSON.parse(readFileSync(vegaPath(file), 'utf8')) as VegaRow[];

/** Reads the rows of a CSV of `vega-datasets` without quotes. All cells are strings. */
export const vegaCsv = (file: string): readonly Readonly<Record<string, string>>[] => csvRows(vegaPath(file));

/** Returns the penguins. The sex "." of one penguin becomes a gap, so that 11 penguins have gaps. */
export const penguins = (): readonly VegaRow[] =>
  vega('penguins.json').map((row) => (row['Sex'] === '.' ? { ...row, Sex: null } : row));

/** Writes rows without commas in their cells as CSV; null is an empty cell. */
export const rowsCsv = (path: string, rows: readonly VegaRow[]): string => {
  const names = Object.keys(rows[0]!);
  writeFileSync(
    path,
    `${[names.join(','), ...rows.map((row) => names.map((name) => row[name] ?? '').join(','))].join('\n')}\n`,
  );
  return path;
};

/** Returns the rows of a CSV without quotes, as objects with string values. */
export const csvRows = (path: string): readonly Readonly<Record<string, string>>[] => {
  const [head, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const names = head!.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i]!, cell])));
};
