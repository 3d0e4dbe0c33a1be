import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Returns the path of a file of `vega-datasets`. */
export const vegaPath = (file: string): string =>
  join(dirname(dirname(createRequire(import.meta.url).resolve('vega-datasets'))), 'data', file);

const json = (file: string): readonly Readonly<Record<string, string | number | null>>[] =>
  JSON.parse(readFileSync(vegaPath(file), 'utf8'));

/** A penguin of the table `penguins`, with the day on which it was seen. */
export interface Penguin {
  readonly species: string;
  readonly island: string;
  readonly sex: string | null;
  readonly beak: number | null;
  readonly flipper: number | null;
  readonly mass: number | null;
  readonly seen: Date;
}

/**
 * The 344 penguins. 2 penguins lack all measures, and 11 penguins lack the sex. The days are invented: one day per
 * week, from 2007 on.
 */
export const penguins: readonly Penguin[] = json('penguins.json').map((row, i) => ({
  species: String(row['Species']),
  island: String(row['Island']),
  sex: row['Sex'] === null || row['Sex'] === '.' ? null : String(row['Sex']),
  beak: row['Beak Length (mm)'] as number | null,
  flipper: row['Flipper Length (mm)'] as number | null,
  mass: row['Body Mass (g)'] as number | null,
  seen: new Date(Date.UTC(2007, 10, 11 + 7 * i)),
}));

/** The numeric columns of the table `cars`. Some cells are empty. */
export const cars: readonly Readonly<Record<string, number | null>>[] = json('cars.json').map((row) => ({
  miles: row['Miles_per_Gallon'] as number | null,
  power: row['Horsepower'] as number | null,
  weight: row['Weight_in_lbs'] as number | null,
  acceleration: row['Acceleration'] as number | null,
}));
